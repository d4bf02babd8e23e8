package dev.lockstep.services.kv;

import static dev.lockstep.services.kv.KvCommand.Access.ORDERED_READ;
import static dev.lockstep.services.kv.KvCommand.Access.READ;
import static dev.lockstep.services.kv.KvCommand.Access.WRITE;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// All keys together: `KEYS`, `SCAN`, `FLUSHALL` and their kind.
///
/// Keys are walked through in the order of their hashes, which depends on the set of keys alone. A
/// cursor of `SCAN` is the hash to go on from, so it holds on every replica and for ever, and a key
/// that is there all the time is met exactly once.
final class KeyspaceCommands {

    static final List<KvCommand> ALL =
            List.of(
                    row(
                            80,
                            KeyspaceCommands::keys,
                            READ,
                            spec("keys", 2, "generic", "1.0.0", "Returns the keys that match")
                                    .cost("O(N) for N keys in the database")
                                    .flags("readonly")
                                    .categories("dangerous")
                                    .tips(
                                            "request_policy:all_shards",
                                            "nondeterministic_output_order")),
                    row(
                            81,
                            KeyspaceCommands::scan,
                            READ,
                            spec("scan", -2, "generic", "2.8.0", "Walks through the keys in steps")
                                    .cost("O(1) a step, O(N) for N keys in the database")
                                    .flags("readonly")
                                    .tips("nondeterministic_output", "request_policy:special")),
                    row(
                            82,
                            KeyspaceCommands::randomkey,
                            ORDERED_READ,
                            spec("randomkey", 1, "generic", "1.0.0", "Returns any key")
                                    .flags("readonly")
                                    .tips("request_policy:all_shards", "nondeterministic_output")),
                    row(
                            83,
                            call -> call.reply.integer(call.keyspace().size()),
                            READ,
                            spec("dbsize", 1, "server", "1.0.0", "Returns how many keys there are")
                                    .flags("readonly", "fast")
                                    .categories("keyspace")
                                    .tips("request_policy:all_shards", "response_policy:agg_sum")),
                    row(
                            84,
                            KeyspaceCommands::flush,
                            WRITE,
                            spec("flushall", -1, "server", "1.0.0", "Deletes all keys")
                                    .cost("O(N) for N keys")
                                    .flags("write")
                                    .categories("dangerous", "keyspace")
                                    .tips(
                                            "request_policy:all_shards",
                                            "response_policy:all_succeeded")),
                    row(
                            85,
                            KeyspaceCommands::flush,
                            WRITE,
                            spec("flushdb", -1, "server", "1.0.0", "Deletes all keys")
                                    .cost("O(N) for N keys")
                                    .flags("write")
                                    .categories("dangerous", "keyspace")
                                    .tips(
                                            "request_policy:all_shards",
                                            "response_policy:all_succeeded")),
                    row(
                            86,
                            KeyspaceCommands::watch,
                            READ,
                            spec(
                                            "watch",
                                            -2,
                                            "transactions",
                                            "2.2.0",
                                            "Lets EXEC fail if one of the keys changes before")
                                    .flags("noscript", "loading", "stale", "fast", "allow_busy")
                                    .keys(1, -1, 1, "RO")),
                    row(
                            87,
                            KeyspaceCommands::info,
                            READ,
                            spec("info", -1, "server", "1.0.0", "Returns facts about the server")
                                    .flags("loading", "stale")
                                    .categories("dangerous")
                                    .tips(
                                            "nondeterministic_output",
                                            "request_policy:all_shards",
                                            "response_policy:special")));

    private static final int DEFAULT_SCAN_COUNT = 10;

    /// A random key is drawn from one of the parts into which the hashes are divided so that this
    /// many keys are in one on average; a part with more than the second number is not unheard of.
    private static final int KEYS_PER_PART = 8;

    private static final int MOST_KEYS_PER_PART = 64;

    private KeyspaceCommands() {}

    private static CommandSpec spec(
            String name, int arity, String group, String since, String summary) {
        return CommandSpec.of(name, arity, group, since, summary);
    }

    private static KvCommand row(
            int code, KvCommand.Action action, KvCommand.Access access, CommandSpec spec) {
        return new KvCommand(spec, code, access, action);
    }

    private static void keys(Call call) {
        Glob pattern = Glob.of(call.args.copy(1));
        List<Entry> found = new ArrayList<>();
        KeyTable.Walk walk = call.keyspace().walk(0);
        for (Entry entry = walk.next(); entry != null; entry = walk.next()) {
            if (!entry.isExpired(call.nowMillis()) && pattern.matches(entry.key)) {
                found.add(entry);
            }
        }
        replyKeys(call, found);
    }

    private static void scan(Call call) {
        long cursor = cursor(call.args);
        long count = DEFAULT_SCAN_COUNT;
        Glob pattern = null;
        String type = null;
        for (int i = 2; i < call.args.count(); i += 2) {
            if (i + 1 == call.args.count()) {
                throw RedisError.syntax();
            }
            if (call.args.is(i, "COUNT")) {
                count = call.args.toLong(i + 1);
                if (count < 1) {
                    throw RedisError.syntax();
                }
            } else if (call.args.is(i, "MATCH")) {
                pattern = Glob.of(call.args.copy(i + 1));
            } else if (call.args.is(i, "TYPE")) {
                type = call.args.text(i + 1).toLowerCase(Locale.ROOT);
            } else {
                throw RedisError.syntax();
            }
        }
        scan(call, cursor, count, pattern, type);
    }

    private static void scan(
            Call call, long cursor, long count, @Nullable Glob pattern, @Nullable String type) {
        List<Entry> found = new ArrayList<>();
        KeyTable.Walk walk = call.keyspace().walk(cursor < 0 ? Long.MAX_VALUE : cursor);
        long next = 0;
        long met = 0;
        long lastHash = -1;
        for (Entry entry = walk.peek(); entry != null; entry = walk.peek()) {
            // Keys of one hash are met in one step, or the cursor could not tell them apart.
            if (met >= count && entry.hash != lastHash) {
                next = entry.hash;
                break;
            }
            met++;
            lastHash = entry.hash;
            var _ = walk.next();
            if (!entry.isExpired(call.nowMillis())
                    && (pattern == null || pattern.matches(entry.key))
                    && (type == null || type.equals(KeyCommands.typeOf(entry)))) {
                found.add(entry);
            }
        }
        call.reply.array(2);
        call.reply.bulk(Long.toString(next).getBytes(StandardCharsets.US_ASCII));
        replyKeys(call, found);
    }

    /// What C's `strtoul` makes of the cursor; negative for numbers past any hash.
    private static long cursor(Arguments args) {
        String text = args.text(1);
        int from = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        boolean negative = text.startsWith("-");
        if (text.length() == from && from > 0) {
            throw new RedisError("ERR invalid cursor");
        }
        if (text.isEmpty()) {
            return 0;
        }
        try {
            long value = Long.parseUnsignedLong(text.substring(from));
            if (text.charAt(from) == '+' || text.charAt(from) == '-') {
                throw new RedisError("ERR invalid cursor");
            }
            return negative ? -value : value;
        } catch (NumberFormatException notANumber) {
            throw new RedisError("ERR invalid cursor");
        }
    }

    /// Every key is as likely as any other.
    private static void randomkey(Call call) {
        int size = call.keyspace().size();
        if (size == 0) {
            call.reply.nothing();
            return;
        }
        int bits =
                size < KEYS_PER_PART
                        ? 0
                        : Integer.numberOfTrailingZeros(
                                Integer.highestOneBit(size / KEYS_PER_PART));
        long withinPart = -1L >>> (1 + bits);
        RandomGenerator random = call.random();
        while (true) {
            long first = (random.nextLong() >>> 1) & ~withinPart;
            List<Entry> part = new ArrayList<>();
            KeyTable.Walk walk = call.keyspace().walk(first);
            for (Entry entry = walk.next();
                    entry != null && entry.hash <= (first | withinPart);
                    entry = walk.next()) {
                part.add(entry);
            }
            int most = bits == 0 ? 0 : MOST_KEYS_PER_PART;
            int drawn = random.nextInt(Math.max(part.size(), most));
            if (drawn < part.size()) {
                call.reply.bulk(part.get(drawn).key);
                return;
            }
        }
    }

    private static void flush(Call call) {
        if (call.args.count() > 2
                || (call.args.count() == 2
                        && !call.args.is(1, "SYNC")
                        && !call.args.is(1, "ASYNC"))) {
            throw RedisError.syntax();
        }
        call.keyspace().clear();
        call.reply.ok();
    }

    /// The versions of the keys, for a transaction to compare.
    private static void watch(Call call) {
        int count = call.args.count();
        call.reply.array(count - 1);
        for (int i = 1; i < count; i++) {
            long hash = call.args.hash(i);
            call.reply.integer(call.keyspace().version(call.find(i, hash), hash));
        }
    }

    /// How many keys there are, how many of them expire, and the arguments, for the port to make a
    /// text of.
    private static void info(Call call) {
        int count = call.args.count();
        call.reply.array(1 + count);
        call.reply.integer(call.keyspace().size());
        call.reply.integer(call.keyspace().expiring());
        for (int i = 1; i < count; i++) {
            call.reply.bulk(call.args.array(), call.args.start(i), call.args.length(i));
        }
    }

    private static void replyKeys(Call call, List<Entry> found) {
        call.reply.array(found.size());
        for (Entry entry : found) {
            call.reply.bulk(entry.key);
        }
    }
}
