package dev.lockstep.net;

import dev.lockstep.core.ClusterId;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Judges members that dial this one.
final class PeerDoorman implements FrameServer.Doorman {

    private final PeerConnections all;

    PeerDoorman(PeerConnections all) {
        this.all = all;
    }

    @Override
    public FrameServer.Verdict onHello(FrameConnection connection, Hello hello) {
        if (!(hello.caller() instanceof Hello.Caller.Peer peer)) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG,
                    "this port is for members; clients use the client port of replica "
                            + all.self().id());
        }
        PeerLink link = all.link(peer.id());
        if (link == null) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG,
                    "replica %s does not know a replica %s; give all members the same cluster.yaml"
                            .formatted(all.self().id(), peer.id()));
        }
        String wrong = wrongWith(link, hello.clusterId(), all, peer);
        if (wrong != null) {
            return new FrameServer.Verdict.Refuse(Welcome.Reason.WRONG, wrong);
        }
        if (peer.id().compareTo(all.self().id()) < 0) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG,
                    "of two members the one with the higher number dials, and replica %s is lower than %s"
                            .formatted(peer.id(), all.self().id()));
        }
        String regression = link.regression(peer);
        if (regression != null) {
            return new FrameServer.Verdict.Refuse(Welcome.Reason.UNSAFE, regression);
        }
        if (!all.isStarted() || all.isClosed()) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.LATER,
                    "replica " + all.self().id() + " is starting or stopping; try again");
        }
        return accept(connection, link, peer);
    }

    private FrameServer.Verdict accept(
            FrameConnection connection, PeerLink link, Hello.Caller.Peer peer) {
        return new FrameServer.Verdict.Accept(
                new Welcome.Accepted(Hello.WIRE_VERSION, all.clusterId(), all.self(), 0, List.of()),
                link,
                ConnectionOptions.PEER,
                () -> link.connected(connection, peer));
    }

    /// What is wrong with the other side's identity, one sentence, or null.
    static @Nullable String wrongWith(
            PeerLink link,
            @Nullable ClusterId cluster,
            PeerConnections all,
            Hello.Caller.Peer peer) {
        if (!all.clusterId().equals(cluster)) {
            return "replica %s belongs to cluster %s, replica %s to cluster %s; give all members the same cluster.yaml"
                    .formatted(
                            all.self().id(),
                            all.clusterId(),
                            peer.id(),
                            cluster == null ? "unknown" : cluster);
        }
        if (!peer.id().equals(link.id())) {
            return "at the address of replica %s answers replica %s; give all members the same cluster.yaml"
                    .formatted(link.id(), peer.id());
        }
        if (!peer.incarnation().equals(link.member().incarnation())) {
            return "replica %s is in its life %s, the member set names its life %s: it was initialised again and has lost what it promised; create a new cluster or restore its directory"
                    .formatted(peer.id(), peer.incarnation(), link.member().incarnation());
        }
        return null;
    }
}
