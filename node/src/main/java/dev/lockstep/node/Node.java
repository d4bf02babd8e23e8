package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.StateDigest;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// One member of a cluster, running: a replica, its journal, its ports and its thread.
///
/// Threading: any thread.
public final class Node implements AutoCloseable {

    private Node() {}

    /// Writes a new identity into the data directory of `config`'s replica, which must not have
    /// one: only for a replica that has never run.
    ///
    /// @throws ConfigException if the directory has an identity or cannot be written
    public static void init(NodeConfig config) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Starts the configured service.
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node start(NodeConfig config) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Starts a state machine of the caller's instead of the configured service; returns when it
    /// has replayed its journal and listens.
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node start(NodeConfig config, Supplier<? extends StateMachine> machine) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// As [#start(NodeConfig, Supplier)], with further gateways beside those found with
    /// [java.util.ServiceLoader].
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node start(
            NodeConfig config,
            Supplier<? extends StateMachine> machine,
            List<GatewayService> gateways) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// How the replica is now.
    public ReplicaStatus status() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// What the replicated state is now: reads the whole state.
    public StateDigest stateDigest() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The port for clients, of interest if 0 was configured.
    public int clientPort() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The admin port; -1 if there is none.
    public int adminPort() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The port of a gateway; -1 if there is none of that name.
    public int gatewayPort(String name) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Waits until the node has stopped, for whatever reason.
    public void awaitTermination() throws InterruptedException {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Why the node stopped by itself, one sentence; empty while it runs or when it was closed.
    public Optional<String> failure() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Drains and closes the node when the process is told to terminate (SIGTERM, Ctrl-C), which
    /// then exits with 0, or with 1 if the node had failed.
    public Node closeOnTermination() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Stops in good order: takes no more requests, hands over leadership, waits for what was
    /// admitted, at most about six seconds in all. Does nothing if it has stopped.
    @Override
    public void close() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Stops at once, as if the process had been killed: for tests.
    public void kill() {
        throw new UnsupportedOperationException("not built yet");
    }
}
