package dev.lockstep.services.kv;

import static dev.lockstep.services.kv.KvCommand.Access.READ;
import static dev.lockstep.services.kv.KvCommand.Access.WRITE;

import java.util.Arrays;
import java.util.List;

/// Strings: `GET`, `SET` and what Redis made of them.
final class StringCommands {

    /// Redis's own bound, `proto-max-bulk-len`.
    private static final long REDIS_MAX_BYTES = 512L << 20;

    static final List<KvCommand> ALL =
            List.of(
                    row(
                            1,
                            StringCommands::get,
                            READ,
                            spec("get", 2, "1.0.0", "Returns the string value of a key")
                                    .flags("readonly", "fast")
                                    .keys(1, 0, 1, "RO access")),
                    row(
                            2,
                            StringCommands::set,
                            WRITE,
                            spec("set", -3, "1.0.0", "Sets the string value of a key")
                                    .flags("write", "denyoom")
                                    .keys(1, 0, 1, "RW access update variable_flags")),
                    row(
                            3,
                            StringCommands::setnx,
                            WRITE,
                            spec("setnx", 3, "1.0.0", "Sets a key that does not exist")
                                    .flags("write", "denyoom", "fast")
                                    .keys(1, 0, 1, "OW insert")),
                    row(
                            4,
                            call -> setex(call, 1000),
                            WRITE,
                            spec("setex", 4, "2.0.0", "Sets a key that lives some seconds")
                                    .flags("write", "denyoom")
                                    .keys(1, 0, 1, "OW update")),
                    row(
                            5,
                            call -> setex(call, 1),
                            WRITE,
                            spec("psetex", 4, "2.6.0", "Sets a key that lives some milliseconds")
                                    .flags("write", "denyoom")
                                    .keys(1, 0, 1, "OW update")),
                    row(
                            6,
                            StringCommands::getset,
                            WRITE,
                            spec("getset", 3, "1.0.0", "Sets a key and returns its old value")
                                    .flags("write", "denyoom", "fast")
                                    .keys(1, 0, 1, "RW access update")),
                    row(
                            7,
                            StringCommands::getdel,
                            WRITE,
                            spec("getdel", 2, "6.2.0", "Deletes a key and returns its value")
                                    .flags("write", "fast")
                                    .keys(1, 0, 1, "RW access delete")),
                    row(
                            8,
                            StringCommands::getex,
                            WRITE,
                            spec("getex", -2, "6.2.0", "Returns a value and sets its expiry")
                                    .flags("write", "fast")
                                    .keys(1, 0, 1, "RW access update")),
                    row(
                            9,
                            StringCommands::mget,
                            READ,
                            spec("mget", -2, "1.0.0", "Returns the values of several keys")
                                    .cost("O(N) for N keys")
                                    .flags("readonly", "fast")
                                    .tips("request_policy:multi_shard")
                                    .keys(1, -1, 1, "RO access")),
                    row(
                            10,
                            StringCommands::mset,
                            WRITE,
                            spec("mset", -3, "1.0.1", "Sets several keys at once")
                                    .cost("O(N) for N keys")
                                    .flags("write", "denyoom")
                                    .tips(
                                            "request_policy:multi_shard",
                                            "response_policy:all_succeeded")
                                    .keys(1, -1, 2, "OW update")),
                    row(
                            11,
                            StringCommands::msetnx,
                            WRITE,
                            spec("msetnx", -3, "1.0.1", "Sets several keys if none exists")
                                    .cost("O(N) for N keys")
                                    .flags("write", "denyoom")
                                    .tips("request_policy:multi_shard", "response_policy:agg_min")
                                    .keys(1, -1, 2, "OW insert")),
                    row(
                            12,
                            StringCommands::append,
                            WRITE,
                            spec("append", 3, "2.0.0", "Adds to the end of a value")
                                    .cost("O(N) for a value of N bytes")
                                    .flags("write", "denyoom", "fast")
                                    .keys(1, 0, 1, "RW insert")),
                    row(
                            13,
                            StringCommands::strlen,
                            READ,
                            spec("strlen", 2, "2.2.0", "Returns the length of a value")
                                    .flags("readonly", "fast")
                                    .keys(1, 0, 1, "RO")),
                    row(
                            14,
                            StringCommands::getrange,
                            READ,
                            spec("getrange", 4, "2.4.0", "Returns a part of a value")
                                    .cost("O(N) for N bytes returned")
                                    .flags("readonly")
                                    .keys(1, 0, 1, "RO access")),
                    row(
                            15,
                            StringCommands::getrange,
                            READ,
                            spec("substr", 4, "1.0.0", "Returns a part of a value, as GETRANGE")
                                    .cost("O(N) for N bytes returned")
                                    .flags("readonly")
                                    .keys(1, 0, 1, "RO access")),
                    row(
                            16,
                            StringCommands::setrange,
                            WRITE,
                            spec("setrange", 4, "2.2.0", "Overwrites a part of a value")
                                    .cost("O(N) for a value of N bytes")
                                    .flags("write", "denyoom")
                                    .keys(1, 0, 1, "RW update")));

    private StringCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "string", since, summary);
    }

    private static KvCommand row(
            int code, KvCommand.Action action, KvCommand.Access access, CommandSpec spec) {
        return new KvCommand(spec, code, access, action);
    }

    private static void get(Call call) {
        call.reply.bulkOrNull(call.string(call.find(1)));
    }

    private static void set(Call call) {
        long hash = call.args.hash(1);
        Entry old = call.find(1, hash);
        if (call.args.count() == 3) {
            call.put(1, hash, old, value(call, 2), Entry.NEVER);
            call.reply.ok();
            return;
        }
        SetOptions options = SetOptions.ofSet(call);
        long expires = options.expiresAtMillis(call);
        byte[] value = value(call, 2);
        if (options.returnsOld()) {
            call.reply.bulkOrNull(call.string(old));
        }
        boolean set = options.allows(old != null);
        if (set) {
            if (options.keepsExpiry() && old != null) {
                expires = old.expiresAtMillis;
            }
            call.put(1, hash, old, value, expires);
        }
        if (!options.returnsOld()) {
            if (set) {
                call.reply.ok();
            } else {
                call.reply.nothing();
            }
        }
    }

    private static void setnx(Call call) {
        Entry old = call.find(1);
        if (old == null) {
            call.put(1, null, value(call, 2), Entry.NEVER);
        }
        call.reply.bool(old == null);
    }

    private static void setex(Call call, int unitMillis) {
        long expires = Expiry.relative(call, call.args.toLong(2), unitMillis);
        call.put(1, call.find(1), value(call, 3), expires);
        call.reply.ok();
    }

    private static void getset(Call call) {
        Entry old = call.find(1);
        byte[] before = call.string(old);
        byte[] value = value(call, 2);
        call.reply.bulkOrNull(before);
        call.put(1, old, value, Entry.NEVER);
    }

    private static void getdel(Call call) {
        Entry old = call.find(1);
        call.reply.bulkOrNull(call.string(old));
        if (old != null) {
            call.keyspace().remove(old);
        }
    }

    private static void getex(Call call) {
        SetOptions options = SetOptions.ofGetex(call);
        Entry old = call.find(1);
        byte[] value = call.string(old);
        if (old == null || value == null) {
            call.reply.nothing();
            return;
        }
        long expires = options.expiresAtMillis(call);
        call.reply.bulk(value);
        if (options.isAbsolute() && expires <= call.nowMillis()) {
            call.keyspace().remove(old);
        } else if (expires != Entry.NEVER) {
            call.replace(old, value, expires);
        } else if (options.persists() && old.expiresAtMillis != Entry.NEVER) {
            call.replace(old, value, Entry.NEVER);
        }
    }

    private static void mget(Call call) {
        int count = call.args.count();
        call.reply.array(count - 1);
        for (int i = 1; i < count; i++) {
            Entry entry = call.find(i);
            call.reply.bulkOrNull(
                    entry != null && entry.value instanceof byte[] string ? string : null);
        }
    }

    private static void mset(Call call) {
        requirePairs(call);
        setAll(call);
        call.reply.ok();
    }

    private static void msetnx(Call call) {
        requirePairs(call);
        for (int i = 1; i < call.args.count(); i += 2) {
            if (call.find(i) != null) {
                call.reply.bool(false);
                return;
            }
        }
        setAll(call);
        call.reply.bool(true);
    }

    private static void append(Call call) {
        Entry old = call.find(1);
        byte[] before = call.string(old);
        int more = call.args.length(2);
        if (old == null || before == null) {
            requireLength(call, more);
            call.put(1, null, call.args.copy(2), Entry.NEVER);
            call.reply.integer(more);
            return;
        }
        requireLength(call, (long) before.length + more);
        byte[] after = Arrays.copyOf(before, before.length + more);
        System.arraycopy(call.args.array(), call.args.start(2), after, before.length, more);
        call.replace(old, after, old.expiresAtMillis);
        call.reply.integer(after.length);
    }

    private static void strlen(Call call) {
        byte[] value = call.string(call.find(1));
        call.reply.integer(value == null ? 0 : value.length);
    }

    private static void getrange(Call call) {
        long start = call.args.toLong(2);
        long end = call.args.toLong(3);
        byte[] value = call.string(call.find(1));
        int length = value == null ? 0 : value.length;
        if (value == null || (start < 0 && end < 0 && start > end)) {
            call.reply.bulk(call.args.array(), 0, 0);
            return;
        }
        long first = Math.max(0, start < 0 ? start + length : start);
        long last = Math.min(length - 1, Math.max(0, end < 0 ? end + length : end));
        int size = first > last ? 0 : (int) (last - first + 1);
        call.reply.bulk(value, size == 0 ? 0 : (int) first, size);
    }

    private static void setrange(Call call) {
        long offset = call.args.toLong(2);
        if (offset < 0) {
            throw new RedisError("ERR offset is out of range");
        }
        Entry old = call.find(1);
        byte[] before = call.string(old);
        int more = call.args.length(3);
        if (more == 0) {
            call.reply.integer(before == null ? 0 : before.length);
            return;
        }
        requireLength(call, offset > Long.MAX_VALUE - more ? Long.MAX_VALUE : offset + more);
        int size = Math.max(before == null ? 0 : before.length, (int) offset + more);
        byte[] after = before == null ? new byte[size] : Arrays.copyOf(before, size);
        System.arraycopy(call.args.array(), call.args.start(3), after, (int) offset, more);
        call.put(1, old, after, old == null ? Entry.NEVER : old.expiresAtMillis);
        call.reply.integer(size);
    }

    private static void requirePairs(Call call) {
        if (call.args.count() % 2 == 0) {
            throw RedisError.wrongArity(call.name());
        }
        for (int i = 2; i < call.args.count(); i += 2) {
            requireLength(call, call.args.length(i));
        }
    }

    private static void setAll(Call call) {
        for (int i = 1; i < call.args.count(); i += 2) {
            call.put(i, call.find(i), call.args.copy(i + 1), Entry.NEVER);
        }
    }

    /// A copy of the argument, if a key may have such a value.
    private static byte[] value(Call call, int argument) {
        requireLength(call, call.args.length(argument));
        return call.args.copy(argument);
    }

    private static void requireLength(Call call, long sizeBytes) {
        if (sizeBytes > REDIS_MAX_BYTES) {
            throw RedisError.tooLong();
        }
        if (sizeBytes > call.maxValueBytes) {
            throw RedisError.tooLong(sizeBytes, call.maxValueBytes);
        }
    }
}
