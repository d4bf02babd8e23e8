package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;

/// The way back to the clients that are connected to this replica. Never blocks.
///
/// A connection is a number that the driver chose when it handed in the client's message, never
/// used again within a boot.
public interface ClientPort {

    /// Sends a reply. A connection that is gone is not an error: the client asks again elsewhere.
    ///
    /// The fields are handed over one by one, because there is one reply for every request.
    ///
    /// @param session whose reply; 0 for the answer to a session's opening that failed
    /// @param sequence the request's number in the session, or the query's number
    /// @param position where it was executed or what was read; 0 if nothing was
    /// @param bytes `length` bytes from `offset` are the reply, valid during the call only
    void reply(
            long connection,
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position,
            byte[] bytes,
            int offset,
            int length);

    /// Tells a client which replica is the best entry now; 0 if unknown.
    void preferredEntry(long connection, int replica);

    /// Convenience for replies that are rare.
    default void reply(
            long connection,
            ClientReply.Kind kind,
            ClientReply.Status status,
            long session,
            long sequence,
            long position,
            Bytes bytes) {
        reply(
                connection,
                kind,
                status,
                session,
                sequence,
                position,
                bytes.backingArray(),
                bytes.backingOffset(),
                bytes.size());
    }
}
