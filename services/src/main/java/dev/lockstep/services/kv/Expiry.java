package dev.lockstep.services.kv;

/// Times as commands that set a value name them.
final class Expiry {

    private Expiry() {}

    /// A time counted from now, in Unix milliseconds.
    ///
    /// @throws RedisError if it is not positive or out of range
    static long relative(Call call, long value, int unitMillis) {
        long millis = absolute(call, value, unitMillis) + call.nowMillis();
        if (millis <= 0) {
            throw RedisError.invalidExpire(call.name());
        }
        return millis;
    }

    /// A time counted from 1970, in Unix milliseconds.
    ///
    /// @throws RedisError if it is not positive or out of range
    static long absolute(Call call, long value, int unitMillis) {
        if (value <= 0 || value > Long.MAX_VALUE / unitMillis) {
            throw RedisError.invalidExpire(call.name());
        }
        return value * unitMillis;
    }
}
