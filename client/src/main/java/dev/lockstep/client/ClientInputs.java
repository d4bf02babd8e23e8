package dev.lockstep.client;

import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Status;

/// What a driver tells a client: how its connections fare, what replicas say, and the time.
///
/// Threading: one thread. The driver calls [#advance] after every batch of inputs and at
/// [#nextDeadlineNanos]. Time is monotonic, from 0 on.
public interface ClientInputs {

    /// A connection to `replica` is ready.
    void onConnected(long now, int replica);

    /// The connection to `replica` ended, or could not be made.
    void onDisconnected(long now, int replica);

    /// The members are these now: no other is talked to any more.
    ///
    /// @param members their numbers; the transport can reach them all. Nothing happens if there are
    ///     none
    void onMembers(long now, int[] members);

    /// A replica says in which epoch it is.
    default void onEpoch(long now, int replica, long epoch) {}

    /// Hands what is to be sent to the transport, now that no more is coming for the moment.
    default void flush() {}

    /// A replica's advice on the best entry; 0 if unknown.
    void onPreferredEntry(int replica);

    /// A reply came.
    ///
    /// @param bytes `length` bytes from `offset`, read during the call only
    void onReply(
            long now,
            int from,
            ClientReply.Kind kind,
            Status status,
            long replySession,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length);

    /// Does what is due: dials, opens, sends, sends again, gives up, keeps alive.
    void advance(long now);

    /// When [#advance] is to be called at the latest, monotonic; `Long.MAX_VALUE` for never.
    long nextDeadlineNanos();
}
