package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// What a replica has promised is lost with its directory, or a part of it: it comes back in a new
/// life, and only if that is so.
class LostStateNodeTest {

    private static final int SEGMENT_BYTES = 64 << 10;

    @TempDir Path directory;

    private final List<Node> nodes = new ArrayList<>();

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

    private List<NodeConfig> three() {
        List<NodeConfig> configs =
                TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT);
        configs.forEach(Node::init);
        return configs;
    }

    private static void awaitMember(Node node) {
        Conditions.await(() -> node.status().member() && node.status().epoch() > 1);
    }

    /// The state is that of the others, and it counts for a majority.
    private static void assertCounts(Node back, Node other, Node killed, Client client) {
        long before = TestNodes.add(client, 1);
        killed.kill();
        assertThat(TestNodes.add(client, 1)).isEqualTo(before + 1);
        Conditions.await(
                () -> back.status().executedPosition() == other.status().executedPosition());
        assertThat(back.stateDigest().state()).isEqualTo(other.stateDigest().state());
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

    private static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Identity identityOf(NodeConfig config) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(config.dataDirectory())) {
            return IdentityFile.read(store, "here");
        }
    }

    @Test
    void whoLostItsDiskComesBackAsAMemberByItself() throws IOException {
        List<NodeConfig> configs = three();
        Node first = start(configs.get(0));
        Node second = start(configs.get(1));
        Node third = start(configs.get(2));
        try (Client client = TestNodes.clientOf(first)) {
            TestNodes.add(client, 5);
            third.close();
            deleteAll(configs.get(2).dataDirectory());
            TestNodes.add(client, 6);

            Node back = start(configs.get(2));
            awaitMember(back);

            assertCounts(back, first, second, client);
            assertThat(TestNodes.read(client)).isEqualTo(13);
        }
    }

    @Test
    void eachInTurnMayLoseItsDisk() throws IOException {
        List<NodeConfig> configs = three();
        List<Node> running = new ArrayList<>();
        configs.forEach(config -> running.add(start(config)));
        for (int i = 0; i < 3; i++) {
            running.get(i).close();
            deleteAll(configs.get(i).dataDirectory());
            Node back = start(configs.get(i));
            running.set(i, back);
            awaitMember(back);
            try (Client client = TestNodes.clientOf(back)) {
                assertThat(TestNodes.add(client, 1)).isEqualTo(i + 1);
            }
        }
        // A restart of them all finds the members that are, not those of cluster.yaml.
        running.forEach(Node::close);
        configs.forEach(this::start);
        try (Client client = TestNodes.clientOf(nodes.getLast())) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(4);
        }
    }

    @Test
    void whoseIdentityIsDamagedComesBack() throws IOException {
        comesBackAfter(
                config -> {
                    flip(config.dataDirectory().resolve(IdentityFile.NAME));
                    flip(config.dataDirectory().resolve(IdentityFile.COPY_NAME));
                });
    }

    @Test
    void whoseIdentityIsGoneComesBack() throws IOException {
        comesBackAfter(
                config -> {
                    Files.delete(config.dataDirectory().resolve(IdentityFile.NAME));
                    Files.delete(config.dataDirectory().resolve(IdentityFile.COPY_NAME));
                });
    }

    @Test
    void whoseJournalIsDamagedComesBack() throws IOException {
        comesBackAfter(
                config -> {
                    Path segment = files(config, "journal-").getFirst();
                    byte[] bytes = Files.readAllBytes(segment);
                    // The segment's header, without which nothing in it can be told.
                    bytes[20] ^= 1;
                    bytes[21] ^= 1;
                    Files.write(segment, bytes);
                });
    }

    @Test
    void whoseJournalIsGoneComesBack() throws IOException {
        comesBackAfter(
                config -> {
                    for (Path file : files(config, "journal-")) {
                        Files.delete(file);
                    }
                });
    }

    private interface Damage {
        void to(NodeConfig config) throws IOException;
    }

    private void comesBackAfter(Damage damage) throws IOException {
        List<NodeConfig> configs = three();
        Node first = start(configs.get(0));
        Node second = start(configs.get(1));
        Node third = start(configs.get(2));
        try (Client client = TestNodes.clientOf(first)) {
            for (int i = 0; i < 100; i++) {
                TestNodes.add(client, 1);
            }
            third.close();
            Identity former = identityOf(configs.get(2));
            damage.to(configs.get(2));

            Node back = start(configs.get(2));
            awaitMember(back);
            assertCounts(back, first, second, client);

            back.kill();
            assertThat(identityOf(configs.get(2)).incarnation()).isNotEqualTo(former.incarnation());
            assertThat(identityOf(configs.get(2)).cluster()).isEqualTo(former.cluster());
        }
    }

    @Test
    void whoseSnapshotsAreGoneComesBackAndKeepsWhatWasLeftOnce() throws IOException {
        SnapshotOptions often = new SnapshotOptions(64 << 10, Long.MAX_VALUE, 1L << 30);
        List<NodeConfig> configs =
                three().stream().map(config -> config.withSnapshots(often)).toList();
        Node first = start(configs.get(0));
        Node second = start(configs.get(1));
        NodeConfig config = configs.get(2);
        Node third = start(config);
        try (Client client = TestNodes.clientOf(first)) {
            for (int round = 0; round < 2; round++) {
                Node present = third;
                // Until the beginning of its journal is gone.
                Conditions.await(
                        () -> {
                            addOnes(client);
                            return present.status().firstSequence() > 1;
                        });
                third.close();
                for (Path snapshot : files(config, "snapshot-")) {
                    Files.delete(snapshot);
                }
                Node back = start(config);
                awaitMember(back);
                Conditions.await(
                        () ->
                                back.status().executedPosition()
                                        == first.status().executedPosition());
                third = back;
                long lives =
                        files(config, "lost-").stream()
                                .map(file -> file.getFileName().toString().substring(0, 13))
                                .distinct()
                                .count();
                assertThat(lives).isEqualTo(1);
            }
            assertCounts(third, first, second, client);
        }
    }

    @Test
    void aCrashAfterTheNewIdentityClearsTheDirectoryAllTheSame() throws IOException {
        List<NodeConfig> configs = three();
        Node first = start(configs.get(0));
        Node second = start(configs.get(1));
        NodeConfig config = configs.get(2);
        Node third = start(config);
        try (Client client = TestNodes.clientOf(first)) {
            TestNodes.add(client, 5);
            Conditions.await(
                    () -> third.status().executedPosition() == first.status().executedPosition());
            third.close();
            Identity former = identityOf(config);
            Identity fresh =
                    new Identity(
                            former.cluster(),
                            former.replica(),
                            Incarnation.parse("ab".repeat(16)),
                            0);
            try (DirectoryStore store = DirectoryStore.open(config.dataDirectory())) {
                IdentityFile.write(store, fresh);
            }

            Node back = start(config);
            assertThat(files(config, "lost-abababab-journal-")).isNotEmpty();
            awaitMember(back);
            assertCounts(back, first, second, client);
        }
    }

    @Test
    void aWrongClusterIsNoLoss() throws IOException {
        NodeConfig config = three().get(2);
        start(config).close();
        Identity before = identityOf(config);

        assertThatThrownBy(() -> start(config.withClusterId(new ClusterId(9, 9))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("belongs to cluster");

        assertThat(identityOf(config)).isEqualTo(before);
        assertThat(files(config, "lost-")).isEmpty();
    }

    @Test
    void aPortInUseIsNoLoss() throws IOException {
        NodeConfig config = three().get(2);
        start(config).close();
        Identity before = identityOf(config);
        try (ServerSocket _ =
                new ServerSocket(config.member().peerPort(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(config))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("is in use");
        }

        assertThat(identityOf(config)).isEqualTo(before);
        assertThat(files(config, "lost-")).isEmpty();
    }

    @Test
    void whoFindsNobodyIsNoMemberAndServesNobody() {
        List<NodeConfig> configs =
                TestNodes.cluster(2, directory, Durability.OS, ReplicaLimits.DEFAULT);
        Node alone = start(configs.getFirst());

        assertThat(alone.status().member()).isFalse();
        assertThat(alone.status().preferredEntry()).isNull();
    }

    private static void addOnes(Client client) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] one = new byte[1_000];
            one[0] = 1;
            sent.add(client.command(one).toCompletableFuture());
        }
        sent.forEach(CompletableFuture::join);
    }

    private static void flip(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content, StandardOpenOption.TRUNCATE_EXISTING);
    }
}
