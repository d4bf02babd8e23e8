package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Nodes come, go, lose their disks and move, and the cluster and its clients go on.
class MembersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    private final SortedMap<Integer, NodeConfig> configs = new TreeMap<>();
    private final SortedMap<Integer, Node> nodes = new TreeMap<>();

    @BeforeEach
    void startThree() {
        for (NodeConfig config :
                TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT)) {
            Node.init(config);
            start(config);
        }
    }

    @AfterEach
    void stopAll() {
        nodes.values().forEach(Node::kill);
    }

    private void start(NodeConfig config) {
        int id = config.self().value();
        configs.put(id, config);
        nodes.put(id, Node.start(config, Counter::new));
    }

    private Node node(int id) {
        return Objects.requireNonNull(nodes.get(id));
    }

    private NodeConfig config(int id) {
        return Objects.requireNonNull(configs.get(id));
    }

    private ClusterAdmin admin(int... ids) {
        return new ClusterAdmin(
                Arrays.stream(ids).mapToObj(id -> "127.0.0.1:" + node(id).adminPort()).toList());
    }

    /// Knows these replicas and learns of others.
    private Client client(int... ids) {
        var builder = LockstepClient.builder();
        for (int id : ids) {
            builder.address("127.0.0.1", node(id).clientPort());
        }
        return builder.connect();
    }

    private void awaitMember(int id) {
        Conditions.await(() -> node(id).status().member() && node(id).status().serving());
    }

    /// As replica `id` sees it.
    private ClusterMembers members(int id) {
        try {
            return ClusterAdmin.ask("127.0.0.1:" + node(id).adminPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitConnected(int id) {
        Conditions.await(
                () -> members(id).members().stream().allMatch(ClusterMembers.Entry::isConnected));
    }

    private static long add(ClusterAdmin admin, int id) throws InterruptedException {
        return admin.add(id, PATIENCE, _ -> {}).epoch();
    }

    private static long remove(ClusterAdmin admin, int id) throws InterruptedException {
        return admin.remove(id, PATIENCE, _ -> {}).epoch();
    }

    @Test
    void aReplicaIsAddedAndAnotherRemovedAndClientsFollow() throws Exception {
        try (Client client = client(1, 2, 3)) {
            assertThat(TestNodes.add(client, 5)).isEqualTo(5);
            start(TestNodes.joining(config(1), 4));
            assertThat(node(4).status().member()).isFalse();

            assertThat(add(admin(1, 2, 3), 4)).isEqualTo(2);
            assertThat(add(admin(1, 2, 3), 4)).isEqualTo(2);
            awaitMember(4);
            assertThat(remove(admin(1, 2, 3), 1)).isEqualTo(3);
            assertThat(remove(admin(1, 2, 3), 1)).isEqualTo(3);
            node(1).close();
            assertThat(remove(admin(2, 3), 2)).isEqualTo(4);
            node(2).close();

            // Of those it was told of, one member is left, and one that it has learned of.
            assertThat(TestNodes.add(client, 3)).isEqualTo(8);
            assertThat(remove(admin(4), 3)).isEqualTo(5);
            node(3).close();
            assertThat(TestNodes.add(client, 1)).isEqualTo(9);
        }
    }

    @Test
    void aClientThatKnowsOnlyARemovedMemberIsToldWhereTheClusterIs() throws Exception {
        start(TestNodes.joining(config(1), 4));
        var _ = admin(1).replace(2, 4, PATIENCE, _ -> {});
        awaitMember(4);
        Conditions.await(() -> !node(2).status().member());

        try (Client client = client(2)) {
            assertThat(TestNodes.add(client, 7)).isEqualTo(7);
            node(2).close();
            assertThat(TestNodes.add(client, 1)).isEqualTo(8);
        }
    }

    @Test
    void aMemberWhoseDiskIsEmptyComesBackByItself() throws Exception {
        try (Client client = client(1, 2, 3)) {
            TestNodes.add(client, 5);
            for (int id = 1; id <= 3; id++) {
                node(id).kill();
                wipe(config(id).dataDirectory());
                start(config(id));
                awaitMember(id);
                TestNodes.add(client, 1);
            }
            assertThat(TestNodes.read(client)).isEqualTo(8);
        }
        ClusterMembers now = members(1);
        assertThat(now.epoch()).isEqualTo(4);
        assertThat(now.learners()).isEmpty();
    }

    @Test
    void aMemberWhoseJournalIsDamagedIsMendedAndKeepsItsLife() throws Exception {
        try (Client client = client(1, 2, 3)) {
            for (int i = 0; i < 20; i++) {
                TestNodes.add(client, 1);
            }
            node(2).close();
            damage(config(2).dataDirectory());
            start(config(2));
            awaitMember(2);

            assertThat(TestNodes.add(client, 1)).isEqualTo(21);
            Conditions.await(
                    () -> node(2).stateDigest().state().equals(node(1).stateDigest().state()));
        }
        try (Stream<Path> files = Files.list(config(2).dataDirectory())) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("lost-"));
        }
    }

    @Test
    void anOldCopyOfADirectoryIsNoticedAndComesBackInANewLife() throws Exception {
        try (Client client = client(1, 2, 3)) {
            TestNodes.add(client, 5);
            node(2).close();
            Path copy = directory.resolve("copy");
            copy(config(2).dataDirectory(), copy);
            for (int i = 0; i < 2; i++) {
                start(config(2));
                awaitConnected(2);
                node(2).close();
            }
            wipe(config(2).dataDirectory());
            copy(copy, config(2).dataDirectory());
            start(config(2));

            Conditions.await(() -> node(2).status().epoch() == 2 && node(2).status().member());
            assertThat(TestNodes.add(client, 1)).isEqualTo(6);
            assertThat(node(2).failure()).isEmpty();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void aReplicaThatMovesIsFoundThoughNobodyIsTold() throws Exception {
        try (Client client = client(1, 2, 3)) {
            TestNodes.add(client, 5);
            for (int id = 1; id <= 3; id++) {
                node(id).close();
                start(TestNodes.moved(config(id)));
                awaitConnected(id);
                assertThat(TestNodes.add(client, 1)).isEqualTo(5 + id);
            }
            // None is where it was; whoever restarts now knows where the others are all the same.
            node(2).close();
            start(config(2));
            awaitConnected(2);
            node(1).kill();
            assertThat(TestNodes.add(client, 1)).isEqualTo(9);
        }
    }

    @Test
    void theListNamesMembersAndThoseThatFollow() throws Exception {
        start(TestNodes.joining(config(3), 7));
        Conditions.await(() -> members(1).learner(7) != null);

        ClusterMembers said = ClusterAdmin.ask("127.0.0.1:" + node(7).adminPort());
        assertThat(said.teller()).isEqualTo(7);
        assertThat(said.isMember()).isFalse();
        assertThat(said.isSettled()).isFalse();
        assertThat(said.epoch()).isEqualTo(1);
        said = members(1);
        assertThat(said.members()).hasSize(3);
        assertThat(said.members().get(2).adminAddress())
                .isEqualTo("127.0.0.1:" + node(3).adminPort());
        assertThat(Objects.requireNonNull(said.learner(7)).replica().adminAddress())
                .isEqualTo("127.0.0.1:" + node(7).adminPort());
        assertThat(said.isSettled()).isTrue();
    }

    private static void wipe(Path where) throws IOException {
        try (Stream<Path> files = Files.list(where)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /// Flips a bit in the middle of what the journal has.
    private static void damage(Path where) throws IOException {
        try (Stream<Path> files = Files.list(where)) {
            Path segment =
                    files.filter(path -> path.getFileName().toString().endsWith(".seg"))
                            .sorted()
                            .findFirst()
                            .orElseThrow();
            byte[] bytes = Files.readAllBytes(segment);
            int end = bytes.length;
            while (bytes[end - 1] == 0) {
                end--;
            }
            bytes[end / 2] ^= 4;
            Files.write(segment, bytes);
        }
    }
}
