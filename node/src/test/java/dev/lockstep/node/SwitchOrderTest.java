package dev.lockstep.node;

import static dev.lockstep.node.TestNodes.add;
import static dev.lockstep.node.TestNodes.clientOf;
import static dev.lockstep.node.TestNodes.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// A running cluster goes from one order to another, and back, while a client goes on.
@Timeout(180)
class SwitchOrderTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path directory;

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private ClusterAdmin start(Map<String, String> options) {
        for (NodeConfig each :
                TestNodes.cluster(3, directory, Durability.OS, ReplicaLimits.DEFAULT)) {
            NodeConfig config = TestNodes.withOptions(each, new TreeMap<>(options));
            Node.init(config);
            nodes.add(Node.start(config));
        }
        Conditions.await(() -> nodes.getFirst().status().preferredEntry() != null);
        return new ClusterAdmin(
                nodes.stream().map(node -> "127.0.0.1:" + node.adminPort()).toList());
    }

    /// Those that a replica is started with are of the order that it is started with.
    @Test
    void eachOrderHasItsOwnOptions() throws Exception {
        ClusterAdmin admin = start(Map.of("append-window", "1MiB", "clock.max-skew", "2s"));
        for (String order : List.of("logical-clock", "leader")) {
            ClusterMembers members = admin.switchOrder(order, PATIENCE, _ -> {});
            assertThat(members.order()).isEqualTo(order);
            try (Client client = clientOf(nodes.get(2))) {
                assertThat(add(client, 1)).isPositive();
            }
        }
    }

    @Test
    void everyOrderFollowsEveryOther() throws Exception {
        ClusterAdmin admin = start(Map.of());
        AtomicBoolean goesOn = new AtomicBoolean(true);
        AtomicLong added = new AtomicLong();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread writer =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (Client client = clientOf(nodes.get(1))) {
                                        while (goesOn.get()) {
                                            long sum = add(client, 1);
                                            assertThat(sum).isEqualTo(added.incrementAndGet());
                                        }
                                    } catch (Exception | AssertionError e) {
                                        thrown.set(e);
                                    }
                                });
        // Every ordered pair of two different ones.
        List<String> tour =
                List.of(
                        "logical-clock",
                        "leader",
                        "synchronized-clock",
                        "leader",
                        "replica-ids",
                        "logical-clock",
                        "synchronized-clock",
                        "replica-ids",
                        "synchronized-clock",
                        "logical-clock",
                        "replica-ids",
                        "leader");
        long epoch = 1;
        for (String order : tour) {
            long before = added.get();
            ClusterMembers members = admin.switchOrder(order, PATIENCE, _ -> {});
            assertThat(members.order()).isEqualTo(order);
            assertThat(members.epoch()).isEqualTo(++epoch);
            Conditions.await(() -> added.get() > before + 20 || thrown.get() != null);
        }
        goesOn.set(false);
        writer.join();
        assertThat(thrown.get()).isNull();
        for (Node node : nodes) {
            try (Client client = clientOf(node)) {
                assertThat(read(client)).isEqualTo(added.get());
            }
        }
    }
}
