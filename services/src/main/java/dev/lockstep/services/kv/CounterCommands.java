package dev.lockstep.services.kv;

import static dev.lockstep.services.kv.KvCommand.Access.WRITE;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Strings that are numbers: `INCR` and its kind.
final class CounterCommands {

    static final List<KvCommand> ALL =
            List.of(
                    row(
                            20,
                            call -> add(call, 1),
                            spec("incr", 2, "1.0.0", "Adds one to the integer in a key")),
                    row(
                            21,
                            call -> add(call, -1),
                            spec("decr", 2, "1.0.0", "Subtracts one from the integer in a key")),
                    row(
                            22,
                            call -> add(call, call.args.toLong(2)),
                            spec("incrby", 3, "1.0.0", "Adds to the integer in a key")),
                    row(
                            23,
                            CounterCommands::decrby,
                            spec("decrby", 3, "1.0.0", "Subtracts from the integer in a key")),
                    row(
                            24,
                            CounterCommands::incrbyfloat,
                            spec("incrbyfloat", 3, "2.6.0", "Adds to the number in a key")));

    private CounterCommands() {}

    private static CommandSpec spec(String name, int arity, String since, String summary) {
        return CommandSpec.of(name, arity, "string", since, summary)
                .flags("write", "denyoom", "fast")
                .keys(1, 0, 1, "RW access update");
    }

    private static KvCommand row(int code, KvCommand.Action action, CommandSpec spec) {
        return new KvCommand(spec, code, WRITE, action);
    }

    private static void decrby(Call call) {
        long amount = call.args.toLong(2);
        if (amount == Long.MIN_VALUE) {
            throw new RedisError("ERR decrement would overflow");
        }
        add(call, -amount);
    }

    private static void add(Call call, long amount) {
        Entry old = call.find(1);
        byte[] before = call.string(old);
        long value = 0;
        if (before != null) {
            if (!Digits.isLong(before, 0, before.length)) {
                throw RedisError.notAnInteger();
            }
            value = Digits.parse(before, 0, before.length);
        }
        long sum = value + amount;
        if (((value ^ sum) & (amount ^ sum)) < 0) {
            throw new RedisError("ERR increment or decrement would overflow");
        }
        call.put(1, old, Digits.of(sum), old == null ? Entry.NEVER : old.expiresAtMillis);
        call.reply.integer(sum);
    }

    private static void incrbyfloat(Call call) {
        Entry old = call.find(1);
        byte[] before = call.string(old);
        LongDouble value =
                before == null ? LongDouble.ZERO : LongDouble.parse(before, 0, before.length);
        LongDouble amount =
                LongDouble.parse(call.args.array(), call.args.start(2), call.args.length(2));
        LongDouble sum = value.plus(amount);
        if (!sum.isFinite()) {
            throw new RedisError("ERR increment would produce NaN or Infinity");
        }
        byte[] after = sum.toString().getBytes(StandardCharsets.US_ASCII);
        call.put(1, old, after, old == null ? Entry.NEVER : old.expiresAtMillis);
        call.reply.bulk(after);
    }
}
