package dev.lockstep.net;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

/// Hears what happens between this member and the others, on the loop's thread.
public interface PeerListener {

    /// A frame's content, given away.
    ///
    /// @throws dev.lockstep.core.wire.MalformedException if it is none: the connection is closed
    void onPeerFrame(ReplicaId from, int group, Bytes content);

    /// There is a new connection to `peer`; what was sent on an older one may be lost.
    void onPeerConnected(ReplicaId peer);

    /// The connection to `peer` ended, or could not be made. Told once for every attempt that
    /// fails.
    void onPeerLost(ReplicaId peer);

    /// A frame that was sent with this token was given to the kernel.
    void onFlushed(long token);

    /// The peer said that this member must not take part.
    ///
    /// @param sentence why, for people
    void onUnsafe(ReplicaId peer, String sentence);
}
