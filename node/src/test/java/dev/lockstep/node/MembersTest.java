package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.api.Client;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Nodes come, go, lose their disks and move, and the cluster and its clients go on.
class MembersTest {

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
        return nodes.get(id);
    }

    private NodeConfig config(int id) {
        return configs.get(id);
    }

    private ClusterAdmin admin(int... ids) {
        return new ClusterAdmin(
                Arrays.stream(ids)
                        .mapToObj(id -> "127.0.0.1:" + node(id).adminPort())
                        .toList());
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

    private void awaitConnected(int id) {
        Conditions.await(
                () -> {
                    try {
                        return admin(id)
                                .members()
                                .path("members")
                                .findValues("connected")
                                .stream()
                                .allMatch(JsonNode::asBoolean);
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    private static long epochOf(ClusterAdmin.Outcome outcome) {
        assertThat(outcome).isInstanceOf(ClusterAdmin.Outcome.Done.class);
        return ((ClusterAdmin.Outcome.Done) outcome).epoch();
    }

    @Test
    void aReplicaIsAddedAndAnotherRemovedAndClientsFollow() throws Exception {
        try (Client client = client(1, 2, 3)) {
            assertThat(TestNodes.add(client, 5)).isEqualTo(5);
            start(TestNodes.joining(config(1), 4));
            assertThat(node(4).status().member()).isFalse();

            assertThat(epochOf(admin(1, 2, 3).addMember(4))).isEqualTo(2);
            assertThat(epochOf(admin(1, 2, 3).addMember(4))).isEqualTo(2);
            awaitMember(4);
            assertThat(epochOf(admin(1, 2, 3).removeMember(1))).isEqualTo(3);
            assertThat(epochOf(admin(1, 2, 3).removeMember(1))).isEqualTo(3);
            node(1).close();
            assertThat(epochOf(admin(2, 3).removeMember(2))).isEqualTo(4);
            node(2).close();

            // Of those it was told of, one member is left, and one that it has learned of.
            assertThat(TestNodes.add(client, 3)).isEqualTo(8);
            assertThat(epochOf(admin(4).removeMember(3))).isEqualTo(5);
            node(3).close();
            assertThat(TestNodes.add(client, 1)).isEqualTo(9);
        }
    }

    @Test
    void aClientThatKnowsOnlyARemovedMemberIsToldWhereTheClusterIs() throws Exception {
        start(TestNodes.joining(config(1), 4));
        epochOf(admin(1).replaceMember(2, 4));
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
        JsonNode page = admin(1).members();
        assertThat(page.path("epoch").asLong()).isEqualTo(4);
        assertThat(page.path("learners")).isEmpty();
    }

    @Test
    void aMemberWhoseJournalIsDamagedComesBackByItself() throws Exception {
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
                    .anyMatch(name -> name.startsWith("lost-"));
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
    void whatCannotBeIsRefusedWithTheReason() throws Exception {
        assertThat(admin(1, 2).addMember(9))
                .isInstanceOfSatisfying(
                        ClusterAdmin.Outcome.Refused.class,
                        refused ->
                                assertThat(refused.sentence())
                                        .matches(
                                                "replica 9 does not follow the cluster; start it,"
                                                        + " and see that it reaches replica [12]"));
        assertThat(admin(1).switchOrder("alphabetical"))
                .isEqualTo(
                        new ClusterAdmin.Outcome.Refused(
                                "there is no order alphabetical under CRASH in this build"));
        assertThat(epochOf(admin(1).switchOrder("leader"))).isEqualTo(1);
        assertThat(epochOf(admin(1).replaceMember(2))).isEqualTo(1);
    }

    @Test
    void theListNamesMembersAndThoseThatFollow() throws Exception {
        start(TestNodes.joining(config(3), 7));
        Conditions.await(
                () -> {
                    try {
                        return !admin(1).members().path("learners").isEmpty();
                    } catch (IOException e) {
                        return false;
                    }
                });

        JsonNode page = admin(7).members();

        assertThat(List.of(page.path("self").asInt(), page.path("epoch").asInt()))
                .containsExactly(7, 1);
        page = admin(1).members();
        assertThat(page.path("members")).hasSize(3);
        assertThat(page.path("members").get(2).path("clientPort").asInt())
                .isEqualTo(node(3).clientPort());
        assertThat(page.path("learners").get(0).path("id").asInt()).isEqualTo(7);
        assertThat(page.path("learners").get(0).path("adminPort").asInt())
                .isEqualTo(node(7).adminPort());
        assertThat(page.path("settled").asBoolean()).isTrue();
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
