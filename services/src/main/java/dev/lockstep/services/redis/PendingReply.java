package dev.lockstep.services.redis;

import dev.lockstep.core.wire.Bytes;
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

    /// True if the reply may be a large one, which the window of the connection's debt bounds.
    boolean isValue;

    /// For how many large replies the request counts in the port's [ValueWindow].
    int weight;

    /// What the request has of the port's [ValueWindow] until its reply has come.
    final FairShare.Part values = new FairShare.Part();

    /// What the request has of the port's commands under way until its reply has come.
    final FairShare.Part bytes = new FairShare.Part();

    /// What the connection's debt was charged with for the request; 0 once its reply has come.
    int charge;

    /// The size of the reply while the gateway keeps it.
    int arrivedBytes;

    /// The size of the reply that found no room; -1 if none did.
    int refusedBytes = -1;

    /// The query, to be asked again if its reply finds no room; null for a command.
    @Nullable Bytes query;

    /// Makes the reply of what the service answers; null if that is passed on.
    @Nullable ReplyShape shape;

    /// The reply, if it came before those that go first; null if it has not come.
    @Nullable ByteBuf early;

    PendingReply(RedisConnection connection) {
        this.connection = connection;
    }

    @Override
    public boolean takes(int lengthBytes) {
        return connection.takes(this, lengthBytes);
    }

    @Override
    public void onReply(
            ClientReply.Status status, long position, byte[] bytes, int offset, int length) {
        connection.onReply(this, status, bytes, offset, length);
    }
}
