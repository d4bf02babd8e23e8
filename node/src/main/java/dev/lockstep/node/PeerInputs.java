package dev.lockstep.node;

import dev.lockstep.core.GroupId;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.authority.AuthorityView;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.net.PeerListener;
import dev.lockstep.replica.Replica;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the replica's inputs of what comes from the other replicas.
///
/// Threading: the loop's thread.
final class PeerInputs implements PeerListener {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final NodeClock clock;
    private final NodeMetrics metrics;
    private final Runnable whenAddressesChanged;

    /// False if others may say anything at all.
    private final boolean believesPeers;

    /// Set before the first connection can be.
    private @Nullable Replica replica;

    /// @param believesPeers whether one other replica's word is enough to stop this one
    PeerInputs(
            NodeClock clock,
            NodeMetrics metrics,
            boolean believesPeers,
            Runnable whenAddressesChanged) {
        this.believesPeers = believesPeers;
        this.whenAddressesChanged = whenAddressesChanged;
        this.clock = clock;
        this.metrics = metrics;
    }

    void open(Replica recovered) {
        replica = recovered;
    }

    private Replica replica() {
        Replica known = replica;
        if (known == null) {
            throw new IllegalStateException("a replica is connected before the replica recovered");
        }
        return known;
    }

    @Override
    public void onPeerFrame(Member from, int group, Bytes content) {
        if (group != GroupId.ZERO.value()) {
            throw new MalformedException("there is no group " + group);
        }
        metrics.peerFrames++;
        replica().onPeerFrame(clock.now(), from, content);
    }

    /// The configuration authority has answered; loses what comes before the replica takes part.
    void onAuthority(AuthorityView view) {
        Replica known = replica;
        if (known != null) {
            known.onAuthority(clock.now(), view);
        }
    }

    @Override
    public void onPeerConnected(Member peer) {
        replica().onPeerConnected(clock.now(), peer);
    }

    @Override
    public void onPeerLost(Member peer) {
        metrics.peersLost++;
        replica().onPeerLost(clock.now(), peer);
    }

    @Override
    public void onAddressesChanged() {
        whenAddressesChanged.run();
    }

    @Override
    public void onFlushed(long token) {
        replica().onFlushed(clock.now(), token);
    }

    @Override
    public void onUnsafe(ReplicaId peer, String sentence) {
        if (!believesPeers) {
            LOG.warn("replica {} would have this one stop: {}", peer, sentence);
            return;
        }
        throw new StateLost("replica %s says: %s".formatted(peer, sentence));
    }
}
