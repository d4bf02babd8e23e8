package dev.lockstep.services.kv;

import static dev.lockstep.services.kv.KvCommand.Access.ORDERED_READ;
import static dev.lockstep.services.kv.KvCommand.Access.READ;
import static dev.lockstep.services.kv.KvCommand.Access.WRITE;

import java.util.List;

/// How long keys live: `EXPIRE`, `TTL` and their kind.
///
/// What is left of a key's life is asked in order, because an idle cluster's agreed time stands
/// still until something is ordered.
final class ExpiryCommands {

    static final List<KvCommand> ALL =
            List.of(
                    setting(
                            40,
                            call -> expire(call, call.nowMillis(), 1000),
                            spec("expire", -3, "1.0.0", "Lets a key live some seconds")),
                    setting(
                            41,
                            call -> expire(call, call.nowMillis(), 1),
                            spec("pexpire", -3, "2.6.0", "Lets a key live some milliseconds")),
                    setting(
                            42,
                            call -> expire(call, 0, 1000),
                            spec("expireat", -3, "1.2.0", "Lets a key live until a Unix time")),
                    setting(
                            43,
                            call -> expire(call, 0, 1),
                            spec(
                                    "pexpireat",
                                    -3,
                                    "2.6.0",
                                    "Lets a key live until a Unix time in milliseconds")),
                    setting(
                            44,
                            ExpiryCommands::persist,
                            spec("persist", 2, "2.2.0", "Lets a key live for ever")),
                    asking(
                            45,
                            call -> timeLeft(call, 1000),
                            ORDERED_READ,
                            spec("ttl", 2, "1.0.0", "Returns how many seconds a key has to live")
                                    .tips("nondeterministic_output")),
                    asking(
                            46,
                            call -> timeLeft(call, 1),
                            ORDERED_READ,
                            spec(
                                            "pttl",
                                            2,
                                            "2.6.0",
                                            "Returns how many milliseconds a key has to live")
                                    .tips("nondeterministic_output")),
                    asking(
                            47,
                            call -> time(call, 1000),
                            READ,
                            spec("expiretime", 2, "7.0.0", "Returns until when a key lives")),
                    asking(
                            48,
                            call -> time(call, 1),
                            READ,
                            spec(
                                    "pexpiretime",
                                    2,
                                    "7.0.0",
                                    "Returns until when a key lives, in milliseconds")));

    private static final int NO_KEY = -2;

    private static final int NX = 1;
    private static final int XX = 1 << 1;
    private static final int GT = 1 << 2;
    private static final int LT = 1 << 3;

    private ExpiryCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "generic", since, summary);
    }

    private static KvCommand setting(int code, KvCommand.Action action, CommandSpec spec) {
        return new KvCommand(
                spec.flags("write", "fast").keys(1, 0, 1, "RW update"), code, WRITE, action);
    }

    private static KvCommand asking(
            int code, KvCommand.Action action, KvCommand.Access access, CommandSpec spec) {
        return new KvCommand(
                spec.flags("readonly", "fast").keys(1, 0, 1, "RO access"), code, access, action);
    }

    private static void expire(Call call, long baseMillis, int unitMillis) {
        int flags = flags(call.args);
        long value = call.args.toLong(2);
        if (value > Long.MAX_VALUE / unitMillis || value < Long.MIN_VALUE / unitMillis) {
            throw RedisError.invalidExpire(call.name());
        }
        long millis = value * unitMillis;
        if (millis > Long.MAX_VALUE - baseMillis) {
            throw RedisError.invalidExpire(call.name());
        }
        long expires = millis + baseMillis;
        Entry entry = call.find(1);
        if (entry == null || !allows(flags, expires, entry.expiresAtMillis)) {
            call.reply.bool(false);
            return;
        }
        if (expires <= call.nowMillis()) {
            call.keyspace().remove(entry);
        } else {
            call.replace(entry, entry.value, expires);
        }
        call.reply.bool(true);
    }

    private static boolean allows(int flags, long fresh, long current) {
        boolean expires = current != Entry.NEVER;
        return ((flags & NX) == 0 || !expires)
                && ((flags & XX) == 0 || expires)
                && ((flags & GT) == 0 || (expires && fresh > current))
                && ((flags & LT) == 0 || !expires || fresh < current);
    }

    private static int flags(Arguments args) {
        int flags = 0;
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "NX")) {
                flags |= NX;
            } else if (args.is(i, "XX")) {
                flags |= XX;
            } else if (args.is(i, "GT")) {
                flags |= GT;
            } else if (args.is(i, "LT")) {
                flags |= LT;
            } else {
                throw new RedisError("ERR Unsupported option " + args.text(i));
            }
        }
        if ((flags & NX) != 0 && flags != NX) {
            throw new RedisError(
                    "ERR NX and XX, GT or LT options at the same time are not compatible");
        }
        if ((flags & GT) != 0 && (flags & LT) != 0) {
            throw new RedisError("ERR GT and LT options at the same time are not compatible");
        }
        return flags;
    }

    private static void persist(Call call) {
        Entry entry = call.find(1);
        boolean expires = entry != null && entry.expiresAtMillis != Entry.NEVER;
        if (entry != null && expires) {
            call.replace(entry, entry.value, Entry.NEVER);
        }
        call.reply.bool(expires);
    }

    private static void timeLeft(Call call, int unitMillis) {
        Entry entry = call.find(1);
        if (entry == null) {
            call.reply.integer(NO_KEY);
        } else if (entry.expiresAtMillis == Entry.NEVER) {
            call.reply.integer(Entry.NEVER);
        } else {
            long left = Math.max(0, entry.expiresAtMillis - call.nowMillis());
            call.reply.integer(rounded(left, unitMillis));
        }
    }

    private static void time(Call call, int unitMillis) {
        Entry entry = call.find(1);
        if (entry == null) {
            call.reply.integer(NO_KEY);
        } else if (entry.expiresAtMillis == Entry.NEVER) {
            call.reply.integer(Entry.NEVER);
        } else {
            call.reply.integer(rounded(entry.expiresAtMillis, unitMillis));
        }
    }

    /// To the nearest unit; `millis` is not negative.
    private static long rounded(long millis, int unitMillis) {
        return unitMillis == 1 ? millis : Long.divideUnsigned(millis + unitMillis / 2, unitMillis);
    }
}
