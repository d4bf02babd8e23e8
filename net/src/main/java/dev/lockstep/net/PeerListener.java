package dev.lockstep.net;

import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

/// Hears what happens between this replica and the others of the cluster, members or not, on the
/// loop's thread.
public interface PeerListener {

    /// A frame's content, given away.
    ///
    /// @param from who sent it, in which life, as its handshake has shown
    /// @throws dev.lockstep.core.wire.MalformedException if it is none: the connection is closed
    void onPeerFrame(Member from, int group, Bytes content);

    /// There is a new connection to `peer`; what was sent on an older one may be lost.
    void onPeerConnected(Member peer);

    /// The connection to `peer` ended, or could not be made. Told once for every attempt that
    /// fails; not at all of replicas of which no life is known.
    void onPeerLost(Member peer);

    /// A frame that was sent with this token was given to the kernel.
    void onFlushed(long token);

    /// Something that is known of where replicas are reached has changed.
    void onAddressesChanged();

    /// The peer said that this replica must not take part.
    ///
    /// @param sentence why, for people
    void onUnsafe(ReplicaId peer, String sentence);
}
