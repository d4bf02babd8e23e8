package dev.lockstep.node;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.net.PeerListener;
import dev.lockstep.replica.Replica;

import org.jspecify.annotations.Nullable;

/// Makes the replica's inputs of what comes from the other members.
///
/// Threading: the loop's thread.
final class PeerInputs implements PeerListener {

    private final NodeClock clock;
    private final NodeMetrics metrics;
    private final Membership members;

    /// Set before the first connection can be.
    private @Nullable Replica replica;

    PeerInputs(NodeClock clock, NodeMetrics metrics, Membership members) {
        this.members = members;
        this.clock = clock;
        this.metrics = metrics;
    }

    void open(Replica recovered) {
        replica = recovered;
    }

    private Member member(ReplicaId id) {
        return members.members().get(members.indexOf(id));
    }

    private Replica replica() {
        Replica known = replica;
        if (known == null) {
            throw new IllegalStateException("a member is connected before the replica recovered");
        }
        return known;
    }

    @Override
    public void onPeerFrame(ReplicaId from, int group, Bytes content) {
        if (group != GroupId.ZERO.value()) {
            throw new MalformedException("there is no group " + group);
        }
        metrics.peerFrames++;
        replica().onPeerFrame(clock.now(), member(from), content);
    }

    @Override
    public void onPeerConnected(ReplicaId peer) {
        replica().onPeerConnected(clock.now(), member(peer));
    }

    @Override
    public void onPeerLost(ReplicaId peer) {
        metrics.peersLost++;
        replica().onPeerLost(clock.now(), member(peer));
    }

    @Override
    public void onFlushed(long token) {
        replica().onFlushed(clock.now(), token);
    }

    @Override
    public void onUnsafe(ReplicaId peer, String sentence) {
        throw new NodeFailure("replica %s says: %s".formatted(peer, sentence));
    }
}
