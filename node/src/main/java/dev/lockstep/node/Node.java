package dev.lockstep.node;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.StateDigest;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/// One member of a cluster, running: a replica, its journal, its ports and its thread.
///
/// Threading: any thread.
public final class Node implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final NodeThread thread;

    private Node(NodeThread thread) {
        this.thread = thread;
    }

    /// Writes a new identity into the data directory of `config`'s replica, which must not have
    /// one: only for a replica that has never run.
    ///
    /// @throws ConfigException if the directory has an identity or cannot be written
    public static void init(NodeConfig config) {
        ConfigRules.check(config);
        init(config, StoreSource.directory(config.dataDirectory()));
    }

    static void init(NodeConfig config, StoreSource source) {
        try (OpenParts parts = new OpenParts()) {
            FileStore store = source.open();
            if (store instanceof AutoCloseable closeable) {
                parts.add(source.where(), closeable);
            }
            DataDirectory.init(store, source.where(), config);
        } catch (IOException e) {
            throw new ConfigException(
                    "the identity of replica %s cannot be written to %s: %s"
                            .formatted(config.self(), source.where(), e.getMessage()),
                    e);
        }
    }

    /// Starts the configured service.
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node start(NodeConfig config) {
        return start(config, Services.machine(config.service(), config.serviceOptions()));
    }

    /// Starts a state machine of the caller's instead of the configured service; returns when it
    /// has replayed its journal and listens.
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node start(NodeConfig config, Supplier<? extends StateMachine> machine) {
        return start(config, machine, List.of());
    }

    /// As [#start(NodeConfig, Supplier)], with further gateways beside those found with
    /// [java.util.ServiceLoader].
    ///
    /// @throws ConfigException if it cannot start as configured
    public static Node start(
            NodeConfig config,
            Supplier<? extends StateMachine> machine,
            List<GatewayService> gateways) {
        ConfigRules.check(config);
        return start(
                new NodePlan(
                        config,
                        Services.ordering(config.faults(), config.order()),
                        machine,
                        gatewaysOf(config, gateways),
                        StoreSource.directory(config.dataDirectory()),
                        TestKnobs.segmentBytes(),
                        false));
    }

    static Node start(NodePlan plan) {
        NodeThread thread = new NodeThread(plan);
        thread.start();
        return new Node(thread);
    }

    /// Those gateways that the member has a port for.
    static List<GatewayService> gatewaysOf(NodeConfig config, List<GatewayService> further) {
        List<GatewayService> there = new ArrayList<>(further);
        there.addAll(Services.gateways());
        List<GatewayService> chosen = new ArrayList<>();
        SortedSet<String> missing = new TreeSet<>(config.member().gatewayPorts().keySet());
        for (GatewayService gateway : there) {
            if (missing.remove(gateway.name())) {
                chosen.add(gateway);
            }
        }
        if (!missing.isEmpty()) {
            List<String> names = there.stream().map(gateway -> gateway.name() + "-port").toList();
            throw new ConfigException(
                    "replica %s has a %s-port, but nothing on the class path serves it; there is %s"
                            .formatted(
                                    config.self(),
                                    missing.first(),
                                    names.isEmpty() ? "none" : YamlSection.andOf(names)));
        }
        return chosen;
    }

    /// How the replica is now; if the node has stopped, how it was last.
    public ReplicaStatus status() {
        return thread.status();
    }

    /// What the replicated state is now: reads the whole state.
    ///
    /// @throws IllegalStateException if the node has stopped
    public StateDigest stateDigest() {
        return thread.stateDigest();
    }

    /// The port for clients, of interest if 0 was configured.
    public int clientPort() {
        return thread.port("client-port");
    }

    /// The admin port; -1 if there is none.
    public int adminPort() {
        return thread.port("admin-port");
    }

    /// The port of a gateway; -1 if there is none of that name.
    public int gatewayPort(String name) {
        return thread.port(name + "-port");
    }

    /// Waits until the node has stopped, for whatever reason.
    public void awaitTermination() throws InterruptedException {
        thread.awaitEnd();
    }

    /// Why the node stopped by itself, one sentence; empty while it runs or when it was closed.
    public Optional<String> failure() {
        return Optional.ofNullable(thread.failure());
    }

    /// Drains and closes the node when the process is told to terminate (SIGTERM, Ctrl-C), which
    /// then exits with 0, or with 1 if the node had failed.
    public Node closeOnTermination() {
        Thread closing =
                Thread.ofPlatform()
                        .name("lockstep-termination")
                        .unstarted(
                                () -> {
                                    boolean ended = thread.hasEnded();
                                    close();
                                    boolean failed = thread.failure() != null;
                                    // A process that ends by itself after the node was closed
                                    // keeps its own exit code.
                                    if (failed || !ended) {
                                        Runtime.getRuntime().halt(failed ? 1 : 0);
                                    }
                                });
        Runtime.getRuntime().addShutdownHook(closing);
        return this;
    }

    /// Stops in good order: takes no more requests, hands over leadership, waits for what was
    /// admitted, at most about six seconds in all. Does nothing if it has stopped.
    @Override
    public void close() {
        if (!thread.stop()) {
            LOG.error("the node did not stop within its time: its thread is stuck");
        }
    }

    /// Stops at once, as if the process had been killed: for tests.
    public void kill() {
        thread.kill();
    }
}
