package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Judges replicas that dial this one.
final class PeerDoorman implements FrameServer.Doorman {

    private final PeerConnections all;

    PeerDoorman(PeerConnections all) {
        this.all = all;
    }

    @Override
    public FrameServer.Verdict onHello(FrameConnection connection, Hello hello) {
        Hello.Caller.Peer self = all.self();
        if (!(hello.caller()
                instanceof Hello.Caller.Replica(var peer, ReplicaId wanted, Bytes keys))) {
            return refuse(
                    Welcome.Reason.WRONG,
                    "this port is for replicas; clients use the client port of replica "
                            + self.id());
        }
        String wrong = wrongWith(hello.clusterId(), all, peer);
        if (wrong == null && !wanted.equals(self.id())) {
            wrong = "at the address of replica %s is replica %s".formatted(wanted, self.id());
        }
        if (wrong == null && !keys.equals(all.keys())) {
            wrong =
                    "replicas %s and %s do not go by the same keys: compare the digest that 'lockstep keys show' prints on both machines, bring the same public keys to both, and have the same signatures: and faults: in cluster.yaml"
                            .formatted(self.id(), peer.id());
        }
        if (wrong != null) {
            return refuse(Welcome.Reason.WRONG, wrong);
        }
        if (!all.isDialling()) {
            return refuse(
                    Welcome.Reason.LATER,
                    "replica " + self.id() + " is starting or stopping; try again");
        }
        PeerLink link = all.linkTo(peer.id());
        if (link == null) {
            return refuse(
                    Welcome.Reason.LATER,
                    "replica %s knows %d other replicas, and no more than that"
                            .formatted(self.id(), AddressBook.MAX_REPLICAS));
        }
        String regression = link.regression(peer);
        if (regression != null) {
            return refuse(Welcome.Reason.UNSAFE, regression);
        }
        String occupied = link.occupied(peer, !all.isHigher(peer.id()));
        if (occupied != null) {
            return refuse(Welcome.Reason.LATER, occupied);
        }
        return accept(connection, link, peer);
    }

    private static FrameServer.Verdict refuse(Welcome.Reason reason, String sentence) {
        return new FrameServer.Verdict.Refuse(reason, sentence);
    }

    private FrameServer.Verdict accept(
            FrameConnection connection, PeerLink link, Hello.Caller.Peer peer) {
        return new FrameServer.Verdict.Accept(
                new Welcome.Accepted(Hello.WIRE_VERSION, all.clusterId(), all.self(), 0, List.of()),
                link,
                ConnectionOptions.PEER,
                () -> link.connected(connection, peer, !all.isHigher(peer.id())));
    }

    /// What is wrong with the other side's identity, one sentence, or null.
    static @Nullable String wrongWith(
            @Nullable ClusterId cluster, PeerConnections all, Hello.Caller.Peer peer) {
        Hello.Caller.Peer self = all.self();
        Fork fork = all.fork();
        if (fork != null && fork.parent().equals(cluster)) {
            return "%s; replica %s of the old one takes no part any more: set its data directory aside, and give it an empty one as a new member"
                    .formatted(fork.toward(all.clusterId()), peer.id());
        }
        if (!all.clusterId().equals(cluster)) {
            return "replica %s belongs to cluster %s, replica %s to cluster %s; give all members the same cluster.yaml, or set aside the data directory of the one that 'lockstep recover' has left behind"
                    .formatted(
                            self.id(),
                            all.clusterId(),
                            peer.id(),
                            cluster == null ? "unknown" : cluster);
        }
        if (peer.id().equals(self.id())) {
            return "this is replica %s already; give each replica its own number"
                    .formatted(self.id());
        }
        return null;
    }
}
