package dev.lockstep.node;

import dev.lockstep.api.StateMachine;

import java.util.function.Supplier;

/// Runs replicas of a state machine inside this process.
public final class Lockstep {

    private Lockstep() {}

    /// Runs one member of a cluster that is configured in a file: for one's own `main`. Terminating
    /// the process drains the node.
    ///
    /// ```java
    /// Lockstep.node(NodeConfig.load(Path.of("cluster.yaml"), 2), Counter::new).awaitTermination();
    /// ```
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node node(NodeConfig config, Supplier<? extends StateMachine> machine) {
        return Node.start(config, machine).closeOnTermination();
    }

    /// Runs a whole cluster in this process, in memory, on free loopback ports: for tests and
    /// tools.
    ///
    /// ```java
    /// try (EmbeddedCluster cluster = Lockstep.embedded(3, Counter::new);
    ///         Client client = cluster.client()) {
    ///     client.command(new byte[] {1}).toCompletableFuture().join();
    /// }
    /// ```
    ///
    /// @param replicas how many; 3 survive the loss of any one
    public static EmbeddedCluster embedded(int replicas, Supplier<? extends StateMachine> machine) {
        return EmbeddedCluster.start(replicas, machine);
    }
}
