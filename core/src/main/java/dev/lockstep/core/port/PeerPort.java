package dev.lockstep.core.port;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

/// The way to the other members. Never blocks; may lose anything while a connection is down, never
/// reorders or repeats within one connection.
public interface PeerPort {

    /// Sends one frame whose content is `head` followed by `body`; both are given away.
    ///
    /// @param flushToken if not 0, the driver calls `Replica.onFlushed` when the frame was given to
    ///     the kernel
    /// @return false if there is no connection or its buffer is full, so that the frame was dropped
    boolean send(ReplicaId to, Bytes head, Bytes body, long flushToken);
}
