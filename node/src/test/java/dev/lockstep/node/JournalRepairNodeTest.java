package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.core.Incarnation;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/// Damaged journals of real nodes come back as they were, from the journals of others.
class JournalRepairNodeTest {

    private static final int SEGMENT_BYTES = 16 << 10;
    private static final int COMMAND_BYTES = 500;
    private static final SnapshotOptions OFTEN =
            new SnapshotOptions(64 << 10, Long.MAX_VALUE, 1L << 30);

    @TempDir Path directory;

    private final List<Node> nodes = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private Node start(NodeConfig config) {
        Node node =
                Node.start(
                        new NodePlan(
                                config,
                                Services.ordering(config.faults(), config.order()),
                                Counter::new,
                                List.of(),
                                StoreSource.directory(config.dataDirectory()),
                                SEGMENT_BYTES,
                                true));
        nodes.add(node);
        return node;
    }

    private List<NodeConfig> three(SnapshotOptions snapshots) {
        List<NodeConfig> configs = new ArrayList<>();
        TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT)
                .forEach(config -> configs.add(config.withSnapshots(snapshots)));
        configs.forEach(Node::init);
        return configs;
    }

    private static void addOnes(Client client, int times) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            byte[] one = new byte[COMMAND_BYTES];
            one[0] = 1;
            // So that no two records are equal.
            one[1] = (byte) i;
            one[2] = (byte) (i >> 8);
            sent.add(client.command(one).toCompletableFuture());
            if (sent.size() == 10) {
                sent.forEach(CompletableFuture::join);
                sent.clear();
            }
        }
        sent.forEach(CompletableFuture::join);
    }

    private static List<Path> segments(NodeConfig config) {
        try (Stream<Path> all = Files.list(config.dataDirectory())) {
            return all.filter(file -> file.getFileName().toString().endsWith(".seg"))
                    .filter(file -> file.getFileName().toString().startsWith("journal-"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Incarnation lifeOf(NodeConfig config) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(config.dataDirectory())) {
            return IdentityFile.read(store, "here").incarnation();
        }
    }

    private static void awaitAll(List<Node> all) {
        Conditions.await(
                () ->
                        all.stream()
                                        .map(node -> node.status().executedPosition())
                                        .distinct()
                                        .count()
                                == 1);
    }

    private static void flip(Path file, int... offsets) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int offset : offsets) {
            bytes[offset] ^= 0x10;
        }
        Files.write(file, bytes);
    }

    @Test
    void oneReplicaGetsBackWhatItsDiskHasLost() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        NodeConfig config = configs.get(2);
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 200);
            awaitAll(all);
            all.get(2).close();
            Incarnation life = lifeOf(config);
            List<Path> segments = segments(config);
            assertThat(segments).hasSizeGreaterThan(5);
            // Contents of several records in two segments, and headers of frames.
            flip(segments.get(1), 800, 2_500, 2_501, 9_000);
            flip(segments.get(3), 530, 5_000);
            addOnes(client, 10);

            Node back = start(config);
            all.set(2, back);
            awaitAll(all);
            assertThat(back.stateDigest().state()).isEqualTo(all.getFirst().stateDigest().state());
            back.close();
            assertThat(lifeOf(config)).isEqualTo(life);
            assertThat(TestNodes.read(client)).isEqualTo(210);
        }
    }

    @Test
    void damageToDifferentRecordsOfAllReplicasHeals() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 200);
            awaitAll(all);
        }
        all.forEach(Node::close);
        List<Incarnation> lives = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            lives.add(lifeOf(configs.get(i)));
            List<Path> segments = segments(configs.get(i));
            flip(segments.get(i + 1), 900, 4_000);
        }

        // None of them starts before another answers.
        List<CompletableFuture<Node>> starting =
                configs.stream().map(c -> CompletableFuture.supplyAsync(() -> start(c))).toList();
        List<Node> back = starting.stream().map(CompletableFuture::join).toList();
        try (Client client = TestNodes.clientOf(back.get(1))) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(201);
        }
        awaitAll(back);
        back.forEach(Node::close);
        for (int i = 0; i < 3; i++) {
            assertThat(lifeOf(configs.get(i))).isEqualTo(lives.get(i));
        }
    }

    @Test
    void whatTheOthersHaveLetGoEndsALife() throws IOException {
        List<NodeConfig> configs = three(OFTEN);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        NodeConfig config = configs.get(2);
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 30);
            awaitAll(all);
            all.get(2).close();
            Incarnation life = lifeOf(config);
            flip(segments(config).getFirst(), 2_500, 2_501);
            Conditions.await(
                    () -> {
                        addOnes(client, 50);
                        return all.getFirst().status().firstSequence() > 200
                                && all.get(1).status().firstSequence() > 200;
                    });

            Node back = start(config);
            all.set(2, back);
            Conditions.await(() -> back.status().member() && back.status().epoch() > 1);
            awaitAll(all);
            assertThat(back.stateDigest().state()).isEqualTo(all.getFirst().stateDigest().state());
            back.close();
            assertThat(lifeOf(config)).isNotEqualTo(life);
        }
    }
}
