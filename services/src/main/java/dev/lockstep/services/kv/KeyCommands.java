package dev.lockstep.services.kv;

import static dev.lockstep.services.kv.KvCommand.Access.READ;
import static dev.lockstep.services.kv.KvCommand.Access.WRITE;

import java.util.List;

/// Keys, whatever they hold: `DEL`, `RENAME` and their kind.
final class KeyCommands {

    static final List<KvCommand> ALL =
            List.of(
                    row(
                            60,
                            KeyCommands::del,
                            WRITE,
                            spec("del", -2, "1.0.0", "Deletes keys")
                                    .cost("O(N) for N keys")
                                    .flags("write")
                                    .tips("request_policy:multi_shard", "response_policy:agg_sum")
                                    .keys(1, -1, 1, "RM delete")),
                    row(
                            61,
                            KeyCommands::del,
                            WRITE,
                            spec("unlink", -2, "4.0.0", "Deletes keys, as DEL")
                                    .cost("O(N) for N keys")
                                    .flags("write", "fast")
                                    .tips("request_policy:multi_shard", "response_policy:agg_sum")
                                    .keys(1, -1, 1, "RM delete")),
                    row(
                            62,
                            KeyCommands::exists,
                            READ,
                            spec("exists", -2, "1.0.0", "Returns how many of the keys exist")
                                    .cost("O(N) for N keys")
                                    .flags("readonly", "fast")
                                    .tips("request_policy:multi_shard", "response_policy:agg_sum")
                                    .keys(1, -1, 1, "RO")),
                    row(
                            63,
                            KeyCommands::type,
                            READ,
                            spec("type", 2, "1.0.0", "Returns what kind of value a key holds")
                                    .flags("readonly", "fast")
                                    .keys(1, 0, 1, "RO")),
                    row(
                            64,
                            call -> rename(call, false),
                            WRITE,
                            spec("rename", 3, "1.0.0", "Renames a key")
                                    .flags("write")
                                    .keys(1, 0, 1, "RW access delete")
                                    .keys(2, 0, 1, "OW update")),
                    row(
                            65,
                            call -> rename(call, true),
                            WRITE,
                            spec("renamenx", 3, "1.0.0", "Renames a key if the new one is free")
                                    .flags("write", "fast")
                                    .keys(1, 0, 1, "RW access delete")
                                    .keys(2, 0, 1, "OW insert")),
                    row(
                            66,
                            KeyCommands::copy,
                            WRITE,
                            spec("copy", -3, "6.2.0", "Copies the value of a key to another")
                                    .flags("write", "denyoom")
                                    .keys(1, 0, 1, "RO access")
                                    .keys(2, 0, 1, "OW update")),
                    row(
                            67,
                            KeyCommands::exists,
                            READ,
                            spec("touch", -2, "3.2.1", "Returns how many of the keys exist")
                                    .cost("O(N) for N keys")
                                    .flags("readonly", "fast")
                                    .tips("request_policy:multi_shard", "response_policy:agg_sum")
                                    .keys(1, -1, 1, "RO")));

    private KeyCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "generic", since, summary);
    }

    private static KvCommand row(
            int code, KvCommand.Action action, KvCommand.Access access, CommandSpec spec) {
        return new KvCommand(spec, code, access, action);
    }

    private static void del(Call call) {
        int deleted = 0;
        for (int i = 1; i < call.args.count(); i++) {
            Entry entry = call.find(i);
            if (entry != null) {
                call.keyspace().remove(entry);
                deleted++;
            }
        }
        call.reply.integer(deleted);
    }

    private static void exists(Call call) {
        int found = 0;
        for (int i = 1; i < call.args.count(); i++) {
            if (call.find(i) != null) {
                found++;
            }
        }
        call.reply.integer(found);
    }

    private static void type(Call call) {
        Entry entry = call.find(1);
        call.reply.simple(entry == null ? "none" : typeOf(entry));
    }

    /// The name of the kind of value that a key holds.
    static String typeOf(Entry entry) {
        if (entry.value instanceof byte[]) {
            return "string";
        }
        throw new IllegalStateException("a value of no known kind: " + entry.value.getClass());
    }

    private static void rename(Call call, boolean onlyIfFree) {
        Entry from = call.find(1);
        if (from == null) {
            throw RedisError.noSuchKey();
        }
        boolean renamed = true;
        if (call.args.areEqual(1, 2)) {
            renamed = !onlyIfFree;
        } else {
            long hash = call.args.hash(2);
            Entry to = call.find(2, hash);
            if (to != null && onlyIfFree) {
                renamed = false;
            } else {
                call.keyspace().remove(from);
                call.put(2, hash, to, from.value, from.expiresAtMillis);
            }
        }
        if (onlyIfFree) {
            call.reply.bool(renamed);
        } else {
            call.reply.ok();
        }
    }

    private static void copy(Call call) {
        boolean replace = copyReplaces(call.args);
        if (call.args.areEqual(1, 2)) {
            throw new RedisError("ERR source and destination objects are the same");
        }
        Entry from = call.find(1);
        long hash = call.args.hash(2);
        Entry to = call.find(2, hash);
        boolean copied = from != null && (to == null || replace);
        if (from != null && copied) {
            call.put(2, hash, to, from.value, from.expiresAtMillis);
        }
        call.reply.bool(copied);
    }

    private static boolean copyReplaces(Arguments args) {
        boolean replace = false;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "REPLACE")) {
                replace = true;
            } else if (args.is(i, "DB") && i + 1 < args.count()) {
                i++;
                long database = args.toLong(i);
                if (database < Integer.MIN_VALUE || database > Integer.MAX_VALUE) {
                    throw new RedisError(
                            "ERR value is out of range, value must between %d and %d"
                                    .formatted(Integer.MIN_VALUE, Integer.MAX_VALUE));
                }
                if (database != 0) {
                    throw new RedisError("ERR DB index is out of range");
                }
            } else {
                throw RedisError.syntax();
            }
        }
        return replace;
    }
}
