package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Nodes whose service cannot freeze its state: while one writes a snapshot, which takes as long as
/// the test wants, clients notice nothing.
@Timeout(60)
class ExecutionPauseNodeTest {

    /// A counter whose snapshot is its state at the time of writing.
    private static final class LiveCounter implements StateMachine {
        private final Counter counter = new Counter();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch mayEnd = new CountDownLatch(1);

        /// Set and read by whoever calls the machine: it is one thread at a time.
        private volatile boolean isWriting;

        private volatile boolean wasDisturbed;

        @Override
        public boolean canFreeze() {
            return false;
        }

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            wasDisturbed |= isWriting;
            counter.apply(context, command, reply);
        }

        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            wasDisturbed |= isWriting;
            counter.query(context, query, reply);
        }

        @Override
        public FrozenState snapshot() {
            isWriting = true;
            return new FrozenState() {
                @Override
                public void writeTo(java.io.OutputStream out) throws IOException {
                    begun.countDown();
                    try {
                        mayEnd.await();
                    } catch (InterruptedException e) {
                        throw new IOException("interrupted", e);
                    }
                    try (FrozenState now = counter.snapshot()) {
                        now.writeTo(out);
                    }
                }

                @Override
                public void close() {
                    isWriting = false;
                }
            };
        }

        @Override
        public void restore(InputStream in) throws IOException {
            counter.restore(in);
        }
    }

    private final List<Node> nodes = new ArrayList<>();
    private final List<LiveCounter> machines = new ArrayList<>();

    @TempDir private Path directory;

    @BeforeEach
    void start() {
        for (NodeConfig config :
                TestNodes.cluster(3, directory, Durability.OS, ReplicaLimits.DEFAULT)) {
            LiveCounter machine = new LiveCounter();
            machines.add(machine);
            Node.init(config);
            nodes.add(Node.start(config, () -> machine));
        }
        Conditions.await(() -> leader() > 0);
    }

    @AfterEach
    void stop() {
        machines.forEach(machine -> machine.mayEnd.countDown());
        nodes.forEach(Node::kill);
    }

    private int leader() {
        var entry = nodes.getFirst().status().preferredEntry();
        return entry == null ? 0 : entry.value();
    }

    private static void wantSnapshot(Node of) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + of.adminPort() + "/backup");
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(uri)
                            .method("POST", HttpRequest.BodyPublishers.noBody())
                            .build();
            assertThat(http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    private Client clientOfAll() {
        var builder = LockstepClient.builder();
        nodes.forEach(node -> builder.address("127.0.0.1", node.clientPort()));
        return builder.connect();
    }

    /// The one that writes is the leader, and the one that the client talks to.
    @Test
    void whileTheLeaderWritesOthersAnswerAndOneOfThemLeads() throws Exception {
        int first = leader();
        Node writer = nodes.get(first - 1);
        LiveCounter machine = machines.get(first - 1);
        try (Client client = clientOfAll()) {
            for (int i = 1; i <= 10; i++) {
                assertThat(TestNodes.add(client, 1)).isEqualTo(i);
            }
            wantSnapshot(writer);
            machine.begun.await();
            long position = writer.status().executedPosition();

            long longest = 0;
            for (int i = 11; i <= 200; i++) {
                long before = System.nanoTime();
                assertThat(TestNodes.add(client, 1)).isEqualTo(i);
                assertThat(TestNodes.read(client)).isEqualTo(i);
                longest = Math.max(longest, System.nanoTime() - before);
            }
            System.out.println("the longest took " + longest / 1_000_000 + " ms");

            assertThat(writer.status().executedPosition()).isEqualTo(position);
            assertThat(writer.status().serving()).isFalse();
            assertThat(leader()).as("another leads").isNotEqualTo(first);
            Node other = nodes.get(first % 3);
            wantSnapshot(other);
            assertThat(TestNodes.add(client, 1)).isEqualTo(201);
            assertThat(machines.get(first % 3).begun.getCount()).as("one at a time").isOne();

            machine.mayEnd.countDown();
            Conditions.await(() -> writer.status().serving());
            assertThat(writer.status().snapshotPosition()).isEqualTo(position);
            machines.get(first % 3).begun.await();
            machines.get(first % 3).mayEnd.countDown();
            Conditions.await(() -> other.status().serving());
            Conditions.await(
                    () -> writer.status().executedPosition() == other.status().executedPosition());
            assertThat(TestNodes.add(client, 1)).isEqualTo(202);
        }
        try (Client client = TestNodes.clientOf(writer)) {
            assertThat(TestNodes.read(client)).isEqualTo(202);
        }
        assertThat(machines).noneMatch(each -> each.wasDisturbed);
    }
}
