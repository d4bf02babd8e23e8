package dev.lockstep.services.kv;

/// A command fails with an error that Redis gives too. Thrown before the command has changed
/// anything or written a reply.
final class RedisError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String text;

    /// @param text with the code before it, such as `ERR`
    RedisError(String text) {
        super(text, null, false, false);
        this.text = text;
    }

    String text() {
        return text;
    }

    static RedisError syntax() {
        return new RedisError("ERR syntax error");
    }

    static RedisError wrongType() {
        return new RedisError("WRONGTYPE Operation against a key holding the wrong kind of value");
    }

    static RedisError notAnInteger() {
        return new RedisError("ERR value is not an integer or out of range");
    }

    static RedisError notAFloat() {
        return new RedisError("ERR value is not a valid float");
    }

    static RedisError noSuchKey() {
        return new RedisError("ERR no such key");
    }

    /// For what Redis refuses too.
    static RedisError tooLong() {
        return new RedisError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    }

    /// For what only this cluster refuses.
    static RedisError tooLong(long sizeBytes, int mostBytes) {
        return new RedisError(
                "ERR the value would have "
                        + sizeBytes
                        + " bytes, this cluster takes at most "
                        + mostBytes
                        + "; see max-value-bytes");
    }

    static RedisError wrongArity(String command) {
        return new RedisError("ERR wrong number of arguments for '" + command + "' command");
    }

    static RedisError invalidExpire(String command) {
        return new RedisError("ERR invalid expire time in '" + command + "' command");
    }
}
