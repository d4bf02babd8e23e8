package dev.lockstep.services.redis;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.node.GatewayCallback;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/// The place of one reply in the order of a connection's replies. Reused for later ones.
final class PendingReply implements GatewayCallback {

    /// What the reply waits for.
    enum Kind {
        /// Nothing: it is here.
        LOCAL,
        QUERY,
        COMMAND
    }

    private final RedisConnection connection;

    Kind kind = Kind.LOCAL;

    /// The protocol version when the request came.
    boolean resp3;

    /// True if the client does not want it.
    boolean silent;

    /// Makes the reply of what the service answers; null if that is passed on.
    @Nullable ReplyShape shape;

    /// The reply, if it came before those that go first; null if it has not come.
    @Nullable ByteBuf early;

    PendingReply(RedisConnection connection) {
        this.connection = connection;
    }

    @Override
    public void onReply(
            ClientReply.Status status, long position, byte[] bytes, int offset, int length) {
        connection.onReply(this, status, bytes, offset, length);
    }
}
