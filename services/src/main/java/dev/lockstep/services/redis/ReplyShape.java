package dev.lockstep.services.redis;

/// Makes what a client gets of a reply of the service that is not passed on as it is.
@FunctionalInterface
interface ReplyShape {

    /// Writes one reply.
    ///
    /// @param reply the service's reply begins at `offset`
    void write(RedisConnection connection, byte[] reply, int offset, RespOut out);
}
