package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// How long a client that issues one command after the other waits at most for a reply while the
/// members change: 20 changes of a cluster on loopback, synced to disk, and the median.
///
/// `-Dpause.changes=100` for more. The bound leaves room for a machine that is busy with other
/// things; what was measured is printed.
class ReconfigurationPauseTest {

    private static final int CHANGES = Integer.getInteger("pause.changes", 20);
    private static final long MOST_MEDIAN_MILLIS = Long.getLong("pause.most.millis", 200);
    private static final long AROUND_MILLIS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path directory;

    @Test
    void thePauseOfAChangeIsShort() throws Exception {
        List<Node> nodes = new ArrayList<>();
        List<NodeConfig> configs =
                TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT);
        try {
            for (NodeConfig config : configs) {
                Node.init(config);
                nodes.add(Node.start(config, Counter::new));
            }
            nodes.add(Node.start(TestNodes.joining(configs.getFirst(), 4), Counter::new));
            List<String> admins =
                    nodes.stream().map(node -> "127.0.0.1:" + node.adminPort()).toList();
            var builder = LockstepClient.builder();
            nodes.forEach(node -> builder.address("127.0.0.1", node.clientPort()));
            try (Client client = builder.connect();
                    Caller caller = new Caller(client)) {
                List<Long> pauses = new ArrayList<>();
                for (int change = 0; change < CHANGES; change++) {
                    pauses.add(pauseOf(caller, new ClusterAdmin(admins), change % 2 == 0));
                }
                pauses.sort(null);
                long median = pauses.get(CHANGES / 2);
                System.out.printf(
                        "pause of %d changes of members, in µs: median %d, least %d, most %d;"
                                + " without a change %d%n",
                        CHANGES, median, pauses.getFirst(), pauses.getLast(), quiet(caller));
                assertThat(median).isLessThan(MOST_MEDIAN_MILLIS * 1000);
            }
        } finally {
            nodes.forEach(Node::kill);
        }
    }

    private static long pauseOf(Caller caller, ClusterAdmin admin, boolean isAdded)
            throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(AROUND_MILLIS);
        caller.reset();
        ClusterMembers after =
                isAdded ? admin.add(4, PATIENCE, _ -> {}) : admin.remove(4, PATIENCE, _ -> {});
        TimeUnit.MILLISECONDS.sleep(AROUND_MILLIS);
        assertThat(after.members()).hasSize(isAdded ? 4 : 3);
        return caller.longestNanos() / 1000;
    }

    private static long quiet(Caller caller) throws InterruptedException {
        caller.reset();
        TimeUnit.MILLISECONDS.sleep(2 * AROUND_MILLIS);
        return caller.longestNanos() / 1000;
    }

    /// Issues one command after the other.
    private static final class Caller implements AutoCloseable {

        private final Client client;
        private final Thread thread = Thread.ofPlatform().name("caller").unstarted(this::run);
        private volatile boolean isClosed;
        private long longestNanos;

        Caller(Client client) {
            this.client = client;
            thread.start();
        }

        private void run() {
            while (!isClosed) {
                long begun = System.nanoTime();
                var _ = TestNodes.add(client, 1);
                took(System.nanoTime() - begun);
            }
        }

        private synchronized void took(long nanos) {
            longestNanos = Math.max(longestNanos, nanos);
        }

        synchronized void reset() {
            longestNanos = 0;
        }

        synchronized long longestNanos() {
            return longestNanos;
        }

        @Override
        public void close() {
            isClosed = true;
            Conditions.await(() -> !thread.isAlive());
        }
    }
}
