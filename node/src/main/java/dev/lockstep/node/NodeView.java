package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.journal.RecoveryReport;
import dev.lockstep.journal.SegmentJournal;
import dev.lockstep.net.PeerConnections;
import dev.lockstep.net.ReplicaAddress;
import dev.lockstep.replica.ChangeAnswer;
import dev.lockstep.replica.FrozenDigest;
import dev.lockstep.replica.MemberChange;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.StateDigest;
import dev.lockstep.replica.Wish;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;
import java.util.TreeMap;

/// A node as its operators see it: gathered from its parts when somebody asks.
///
/// Threading: the loop's thread.
final class NodeView {

    private final NodeConfig config;
    private final Identity identity;
    private final Whereabouts whereabouts;
    private final Mishaps mishaps;
    private final EvidenceBook evidence;
    private final PeerConnections peers;
    private final ClientConnections clients;
    private final NodeMetrics metrics;
    private final SortedMap<String, Integer> ports;

    /// Set once the replica takes inputs.
    private @Nullable Running running;

    private record Running(
            Replica replica,
            SegmentJournal journal,
            NodeSnapshots snapshots,
            NodeDigests digests,
            NodeClock clock) {}

    /// @param mishaps what has befallen the replica's data in this process
    /// @param ports those that listen, by their names in the configuration; filled as they do
    NodeView(
            NodeConfig config,
            Identity identity,
            Whereabouts whereabouts,
            Mishaps mishaps,
            EvidenceBook evidence,
            PeerConnections peers,
            ClientConnections clients,
            NodeMetrics metrics,
            SortedMap<String, Integer> ports) {
        this.config = config;
        this.identity = identity;
        this.whereabouts = whereabouts;
        this.mishaps = mishaps;
        this.evidence = evidence;
        this.peers = peers;
        this.clients = clients;
        this.metrics = metrics;
        this.ports = ports;
    }

    void open(
            Replica replica,
            SegmentJournal journal,
            NodeSnapshots snapshots,
            NodeDigests digests,
            NodeClock clock) {
        running = new Running(replica, journal, snapshots, digests, clock);
    }

    EvidenceBook evidence() {
        return evidence;
    }

    /// The replica; null while it recovers.
    @Nullable Replica replica() {
        return running == null ? null : running.replica;
    }

    /// The snapshots; null while the replica recovers.
    @Nullable NodeSnapshots snapshots() {
        return running == null ? null : running.snapshots;
    }

    /// Has a state digested that the replica has frozen.
    void digest(FrozenDigest frozen, NodeDigests.Asker asker) {
        if (running == null) {
            frozen.close();
        } else {
            running.digests.digest(frozen, asker);
        }
    }

    /// Has something ordered that changes nothing but agreed time; nothing while the replica
    /// recovers.
    void moveOn() {
        if (running != null) {
            running.replica.moveOn(running.clock.now());
        }
    }

    /// The replica takes a snapshot soon if it has none; nothing while it recovers.
    void wantSnapshot() {
        if (running != null) {
            running.replica.wantSnapshot(running.clock.now());
        }
    }

    /// Asks the replica for another epoch.
    ChangeAnswer change(MemberChange change) {
        return running == null
                ? new ChangeAnswer.Refused("the replica is starting; ask another", true)
                : running.replica.change(running.clock.now(), change);
    }

    /// Brings the replica what an operator has signed.
    ChangeAnswer wish(Wish wish) {
        return running == null
                ? new ChangeAnswer.Refused("the replica is starting; ask another", true)
                : running.replica.wish(running.clock.now(), wish);
    }

    /// True if there is a connection to this replica in this life, or it is this one.
    boolean isHere(Member replica) {
        return peers.isConnected(replica) || isSelf(replica);
    }

    private boolean isSelf(Member replica) {
        return replica.id().equals(identity.replica())
                && replica.incarnation().equals(identity.incarnation());
    }

    /// Where operators ask a replica, such as `10.0.0.1:7201`; null if that is not known.
    @Nullable String adminAddress(ReplicaId id) {
        MemberConfig self = config.member();
        int own = ports.getOrDefault("admin-port", 0);
        if (id.equals(self.id())) {
            return own > 0 ? self.adminHost() + ":" + own : null;
        }
        ReplicaAddress known = whereabouts.book().find(id);
        if (known != null && known.adminPort() > 0) {
            return known.host() + ":" + known.adminPort();
        }
        for (MemberConfig member : config.members()) {
            if (member.id().equals(id) && member.adminPort() > 0) {
                return member.adminHost() + ":" + member.adminPort();
            }
        }
        return null;
    }

    NodeConfig config() {
        return config;
    }

    NodeMetrics metrics() {
        return metrics;
    }

    ClusterId cluster() {
        return identity.cluster();
    }

    Identity identity() {
        return identity;
    }

    Whereabouts whereabouts() {
        return whereabouts;
    }

    /// What has befallen the replica's data in this process.
    Mishaps mishaps() {
        return mishaps;
    }

    SortedMap<String, Integer> ports() {
        return ports;
    }

    /// The replica's status; null while it recovers.
    @Nullable ReplicaStatus status() {
        return running == null ? null : running.replica.status();
    }

    /// Why no request is admitted, one sentence; empty while requests are, or while it recovers.
    String whyNotServing() {
        return running == null ? "" : running.replica.whyNotServing();
    }

    /// The replica's state digest; null while it recovers.
    @Nullable StateDigest stateDigest() {
        return running == null || running.replica.isExecutionPaused()
                ? null
                : running.replica.stateDigest();
    }

    /// False while the disk is full and commands are refused.
    boolean hasRoom() {
        return running == null || running.journal.hasRoom();
    }

    /// What opening the journal found; null while it is opened.
    @Nullable RecoveryReport recovery() {
        return running == null ? null : running.journal.recovery();
    }

    /// Every other replica that is known, and whether it is connected.
    SortedMap<ReplicaId, Boolean> peers() {
        SortedMap<ReplicaId, Boolean> connected = new TreeMap<>();
        for (ReplicaId id : whereabouts.book().ids()) {
            connected.put(id, peers.isConnected(id));
        }
        return connected;
    }

    /// Everything that is measured, as it is now; null while the replica recovers.
    @Nullable Sample sample() {
        Running now = running;
        return now == null
                ? null
                : new Sample(
                        now.replica.status(),
                        metrics.copy(),
                        clients.count(),
                        clients.pendingBytes(),
                        peers.connectedPeers(),
                        peers.pendingBytes(),
                        now.journal.pendingBytes(),
                        now.journal.hasRoom(),
                        mishaps.reborn().size(),
                        mishaps.snapshotsDamaged(),
                        mishaps.quarantines(),
                        mishaps.statesHealed());
    }

    /// Values of one moment, to be read on any thread.
    record Sample(
            ReplicaStatus status,
            NodeMetrics metrics,
            int clients,
            long clientPendingBytes,
            int peers,
            long peerPendingBytes,
            long journalPendingBytes,
            boolean journalHasRoom,
            int livesBegun,
            int snapshotsDamaged,
            int quarantines,
            int statesHealed) {}
}
