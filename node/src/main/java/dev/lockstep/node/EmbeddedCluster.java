package dev.lockstep.node;

import dev.lockstep.api.Client;
import dev.lockstep.api.StateMachine;

import java.util.function.Supplier;

/// A cluster inside one process: every replica a [Node] with its own thread and loopback ports, its
/// journal in memory that outlives the node.
///
/// Replicas are numbered from 1.
///
/// Threading: any thread.
public final class EmbeddedCluster implements AutoCloseable {

    private EmbeddedCluster() {}

    static EmbeddedCluster start(int replicas, Supplier<? extends StateMachine> machine) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// How many replicas there are, running or not.
    public int size() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A new session that may use every replica. The caller closes it.
    public Client client() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A new session that talks to replica `id` alone. The caller closes it.
    public Client client(int id) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The number of the replica that leads, waiting until there is one.
    public int leader() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A running replica.
    ///
    /// @throws IllegalStateException if replica `id` does not run
    public Node node(int id) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Stops replica `id` at once, as if its process had been killed. What it had written stays.
    public void kill(int id) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Stops replica `id` in good order.
    public void stop(int id) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Starts replica `id` again on what it had written.
    public void restart(int id) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Stops every replica at once; what was written is forgotten.
    @Override
    public void close() {
        throw new UnsupportedOperationException("not built yet");
    }
}
