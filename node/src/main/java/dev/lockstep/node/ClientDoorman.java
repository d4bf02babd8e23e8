package dev.lockstep.node;

import dev.lockstep.client.LoopClient;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.net.ConnectionOptions;
import dev.lockstep.net.Fork;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.FrameServer;
import dev.lockstep.net.Hello;
import dev.lockstep.net.Welcome;
import dev.lockstep.replica.Replica;

import org.jspecify.annotations.Nullable;

/// Judges callers of the clients' port.
///
/// Threading: the loop's thread.
final class ClientDoorman implements FrameServer.Doorman {

    /// Frames up to this size are read however small a request has to be, so that the request is
    /// refused and not the connection. No client sends larger ones.
    private static final int READ_BYTES = LoopClient.MAX_REQUEST_BYTES;

    private final ClusterId cluster;
    private final @Nullable Fork fork;
    private final Whereabouts whereabouts;
    private final ConnectionOptions options;
    private final ClientConnections clients;
    private final NodeClock clock;
    private final NodeMetrics metrics;

    /// Set while clients are taken.
    private @Nullable Replica replica;

    /// @param fork where the cluster comes from; null unless it was made of what a lost majority
    /// had
    ///     left
    /// @param largestBytes the largest request or reply
    ClientDoorman(
            ClusterId cluster,
            @Nullable Fork fork,
            Whereabouts whereabouts,
            int largestBytes,
            ClientConnections clients,
            NodeClock clock,
            NodeMetrics metrics) {
        this.cluster = cluster;
        this.fork = fork;
        this.whereabouts = whereabouts;
        this.options = ConnectionOptions.forClients(Math.max(largestBytes, READ_BYTES));
        this.clients = clients;
        this.clock = clock;
        this.metrics = metrics;
    }

    /// Clients are taken from now on.
    void open(Replica recovered) {
        replica = recovered;
    }

    /// No more clients are taken.
    void close() {
        replica = null;
    }

    @Override
    public FrameServer.Verdict onHello(FrameConnection connection, Hello hello) {
        Hello.Caller.Peer self = whereabouts.self();
        if (!(hello.caller() instanceof Hello.Caller.User)) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG,
                    "this port is for clients; replicas use the peer port of replica " + self.id());
        }
        if (fork != null && fork.parent().equals(hello.clusterId())) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG, fork.toward(cluster) + "; open a new client there");
        }
        if (hello.clusterId() != null && !hello.clusterId().equals(cluster)) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG,
                    "replica %s belongs to cluster %s, not to %s; use the addresses of the cluster that is meant"
                            .formatted(self.id(), cluster, hello.clusterId()));
        }
        Replica current = replica;
        if (current == null || clients.isFull()) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.LATER,
                    "replica %s is %s; try again or try another"
                            .formatted(
                                    self.id(),
                                    clients.isFull()
                                            ? "full of connections"
                                            : "starting or stopping"));
        }
        ReplicaId preferred = current.status().preferredEntry();
        ClientConnection client =
                new ClientConnection(connection, clients, current, clock, metrics);
        return new FrameServer.Verdict.Accept(
                new Welcome.Accepted(
                        Hello.WIRE_VERSION,
                        cluster,
                        self,
                        preferred == null ? 0 : preferred.value(),
                        whereabouts.clientAddresses()),
                client,
                options,
                () -> {});
    }
}
