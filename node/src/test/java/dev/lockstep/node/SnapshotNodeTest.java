package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.api.CommandContext;
import dev.lockstep.api.FrozenState;
import dev.lockstep.api.QueryContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.StateMachine;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Snapshots of real nodes on real disks.
class SnapshotNodeTest {

    private static final int JOURNAL_BYTES = 64 << 10;
    private static final int SEGMENT_BYTES = 16 << 10;

    /// The service looks at the first alone.
    private static final int COMMAND_BYTES = 500;

    @TempDir Path directory;

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    /// Counts wrongly for a while.
    private static final class SickCounter implements StateMachine {

        private final Counter counter = new Counter();
        private final AtomicBoolean sick;

        SickCounter(AtomicBoolean sick) {
            this.sick = sick;
        }

        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            if (sick.get()) {
                counter.apply(context, command.duplicate(), reply);
                reply.clear();
            }
            counter.apply(context, command, reply);
        }

        @Override
        public void query(QueryContext context, ByteBuffer query, ReplyBuffer reply) {
            counter.query(context, query, reply);
        }

        @Override
        public FrozenState snapshot() {
            return counter.snapshot();
        }

        @Override
        public void restore(InputStream in) throws IOException {
            counter.restore(in);
        }
    }

    private static NodePlan plan(NodeConfig config) {
        return plan(config, Counter::new);
    }

    private static NodePlan plan(NodeConfig config, Supplier<StateMachine> machine) {
        SnapshotOptions often = new SnapshotOptions(JOURNAL_BYTES, Long.MAX_VALUE, 1L << 30);
        return new NodePlan(
                config.withSnapshots(often),
                Services.ordering(config.faults(), config.order()),
                machine,
                List.of(),
                StoreSource.directory(config.dataDirectory()),
                SEGMENT_BYTES,
                true);
    }

    private Node start(NodeConfig config) {
        Node node = Node.start(plan(config));
        nodes.add(node);
        return node;
    }

    private static void addOnes(Client client, int times) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            byte[] one = new byte[COMMAND_BYTES];
            one[0] = 1;
            sent.add(client.command(one).toCompletableFuture());
            if (sent.size() == 50) {
                sent.forEach(CompletableFuture::join);
                sent.clear();
            }
        }
        sent.forEach(CompletableFuture::join);
    }

    private static List<Path> files(NodeConfig config, String prefix) {
        try (Stream<Path> all = Files.list(config.dataDirectory())) {
            return all.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long journalBytes(NodeConfig config) {
        return files(config, "journal-").size() * (long) SEGMENT_BYTES;
    }

    @Test
    void theJournalStaysBoundedAndAStartBeginsWithTheSnapshot() {
        NodeConfig config = TestNodes.alone(directory.resolve("1"), Durability.OS);
        Node.init(config);
        Node node = start(config);
        try (Client client = TestNodes.clientOf(node)) {
            addOnes(client, 4_000);
        }
        Conditions.await(() -> files(config, "snapshot-").size() == 2);
        Conditions.await(() -> journalBytes(config) < 8 * JOURNAL_BYTES);
        node.close();

        Node again = start(config);
        assertThat(again.status().commands()).isLessThan(4_000);
        try (Client client = TestNodes.clientOf(again)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(4_001);
        }
    }

    @Test
    void aDamagedSnapshotIsPassedOver() throws IOException {
        NodeConfig config = TestNodes.alone(directory.resolve("1"), Durability.OS);
        Node.init(config);
        Node node = start(config);
        try (Client client = TestNodes.clientOf(node)) {
            addOnes(client, 2_000);
        }
        Conditions.await(() -> files(config, "snapshot-").size() == 2);
        node.close();
        flip(files(config, "snapshot-").getLast());

        Node again = start(config);
        try (Client client = TestNodes.clientOf(again)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(2_001);
        }
    }

    @Test
    void aReplicaThatLostAllItsSnapshotsDoesNotTakeTheRestForTheWhole() throws IOException {
        NodeConfig config = TestNodes.alone(directory.resolve("1"), Durability.OS);
        Node.init(config);
        Node node = start(config);
        try (Client client = TestNodes.clientOf(node)) {
            addOnes(client, 4_000);
        }
        Conditions.await(() -> journalBytes(config) < 8 * JOURNAL_BYTES);
        node.close();
        for (Path snapshot : files(config, "snapshot-")) {
            Files.delete(snapshot);
        }
        assertThatThrownBy(() -> start(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the journal continues from a snapshot at position")
                .hasMessageContaining("the newest that is intact is none; restore");
    }

    @Test
    void whoIsBehindByMoreThanAnyJournalBeginsAnewFromAMembersSnapshot() {
        TreeMap<String, String> smallWindow = new TreeMap<>(Map.of("log-window", "4KiB"));
        List<NodeConfig> configs =
                TestNodes.cluster(3, directory, Durability.OS, ReplicaLimits.DEFAULT).stream()
                        .map(config -> config.withProtocolOptions(smallWindow))
                        .toList();
        for (NodeConfig config : configs) {
            Node.init(config);
        }
        Node first = start(configs.get(0));
        Node second = start(configs.get(1));
        Node late = start(configs.get(2));
        try (Client client = TestNodes.clientOf(first)) {
            addOnes(client, 200);
            late.kill();
            addOnes(client, 4_000);
            Node back = start(configs.get(2));
            addOnes(client, 100);
            Conditions.await(
                    () -> back.status().executedPosition() == first.status().executedPosition());
            assertThat(back.status().commands()).isLessThan(4_000);
            assertThat(back.stateDigest().state()).isEqualTo(first.stateDigest().state());
            // It counts for a majority again.
            second.kill();
            assertThat(TestNodes.add(client, 1)).isEqualTo(4_301);
        }
    }

    @Test
    void whoDivergesIsHealedFromAMembersSnapshot() {
        List<NodeConfig> configs =
                TestNodes.cluster(3, directory, Durability.OS, ReplicaLimits.DEFAULT);
        for (NodeConfig config : configs) {
            Node.init(config);
        }
        AtomicBoolean sick = new AtomicBoolean();
        Node first = start(configs.get(0));
        Node _ = start(configs.get(1));
        Node bad = Node.start(plan(configs.get(2), () -> new SickCounter(sick)));
        nodes.add(bad);
        try (Client client = TestNodes.clientOf(first)) {
            long last = 0;
            for (int i = 0; i < 20; i++) {
                last = TestNodes.add(client, 1);
            }
            sick.set(true);
            while (first.status().chainPosition() == 0) {
                last = TestNodes.add(client, 1);
            }
            Conditions.await(() -> bad.status().quarantineReason() != null);
            sick.set(false);
            // The cluster is idle now, and it heals all the same.
            Conditions.await(
                    () ->
                            bad.status().quarantineReason() == null
                                    && bad.status().executedPosition()
                                            == first.status().executedPosition());
            assertThat(bad.stateDigest()).isEqualTo(first.stateDigest());
            assertThat(TestNodes.add(client, 1)).isEqualTo(last + 1);
        }
    }

    private static void flip(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);
    }
}
