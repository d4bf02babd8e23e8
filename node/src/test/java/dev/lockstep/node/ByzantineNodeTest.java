package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.api.RefusedException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Nodes of a cluster whose members do not trust one another.
@Timeout(60)
class ByzantineNodeTest {

    @TempDir private Path directory;

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private void start(NodeConfig config) {
        nodes.add(Node.start(config, Counter::new));
    }

    private List<NodeConfig> cluster(int size, Map<String, String> options) {
        List<NodeConfig> configs =
                ByzantineNodes.cluster(size, directory, Durability.OS, new TreeMap<>(options));
        configs.forEach(Node::init);
        return configs;
    }

    private LockstepClient client(NodeConfig config, int number) {
        ClientBuilder builder = LockstepClient.builder();
        nodes.forEach(node -> builder.address("127.0.0.1", node.clientPort()));
        return ClusterClient.voting(builder, config, number).connect();
    }

    @Test
    void fourOrderWhatIsSignedAndAnswerAlike() {
        List<NodeConfig> configs = cluster(4, Map.of("view-timeout", "250ms"));
        configs.forEach(this::start);
        try (Client client = client(configs.getFirst(), 1)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
            assertThat(TestNodes.add(client, 2)).isEqualTo(3);
            assertThat(TestNodes.read(client)).isEqualTo(3);
        }
        assertThat(nodes.getFirst().status().order()).containsKeys("view", "role");
    }

    @Test
    void oneThatDiesIsNotMissed() {
        List<NodeConfig> configs = cluster(4, Map.of("view-timeout", "250ms"));
        configs.forEach(this::start);
        try (Client client = client(configs.getFirst(), 1)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
            nodes.getFirst().kill();
            assertThat(TestNodes.add(client, 2)).isEqualTo(3);
            assertThat(TestNodes.read(client)).isEqualTo(3);
            nodes.set(0, Node.start(configs.getFirst(), Counter::new));
            assertThat(TestNodes.add(client, 4)).isEqualTo(7);
        }
    }

    @Test
    void nobodyChangesTheMembersWithoutAnOperatorsKey() {
        cluster(4, Map.of()).forEach(this::start);
        for (Node node : nodes) {
            ClusterAdmin admin = new ClusterAdmin(List.of("127.0.0.1:" + node.adminPort()));
            assertThatThrownBy(() -> admin.remove(4, Duration.ofSeconds(20), _ -> {}))
                    .hasMessageContaining("change as one of its operators signs");
        }
    }

    @Test
    void threeAreEnoughUnderABoundOnDelays() {
        List<NodeConfig> configs = cluster(3, Map.of("resilience", "2t+1", "delta", "100ms"));
        configs.forEach(this::start);
        try (Client client = client(configs.getFirst(), 1)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
            assertThat(TestNodes.read(client)).isEqualTo(1);
        }
    }

    @Test
    void whoDoesNotSignIsToldSo() {
        cluster(4, Map.of()).forEach(this::start);
        try (Client client = TestNodes.clientOf(nodes.getFirst())) {
            assertThatThrownBy(
                            () ->
                                    client.command(TestNodes.ONE, Duration.ofSeconds(1))
                                            .toCompletableFuture()
                                            .join())
                    .hasMessageContaining("sign what they ask");
        }
    }

    @Test
    void aClientWhoseKeyIsUnknownIsToldSo() throws Exception {
        List<NodeConfig> configs = cluster(4, Map.of());
        configs.forEach(this::start);
        // Made after the replicas have read the public keys.
        ByzantineNodes.makeClient(directory, 2);
        try (Client client = client(configs.getFirst(), 2)) {
            assertThatThrownBy(
                            () ->
                                    client.command(TestNodes.ONE, Duration.ofSeconds(1))
                                            .toCompletableFuture()
                                            .join())
                    .hasMessageContaining("no client of this cluster has signed");
        }
        assertThatThrownBy(() -> client(configs.getFirst(), 3))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("client 3 has no key");
    }

    @Test
    void withoutEnoughReplicasThereIsNoAnswer() {
        List<NodeConfig> configs = cluster(4, Map.of());
        start(configs.getFirst());
        int port = nodes.getFirst().clientPort();
        ClientBuilder builder =
                LockstepClient.builder()
                        .addresses("127.0.0.1:1,127.0.0.1:2,127.0.0.1:3")
                        .address("127.0.0.1", port)
                        .connectTimeout(Duration.ofMillis(500));
        assertThatThrownBy(() -> ClusterClient.voting(builder, configs.getFirst(), 1).connect())
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("1 of 4 replicas answer, and 2 must agree");
        ClientBuilder few = LockstepClient.builder().address("127.0.0.1", port);
        assertThatThrownBy(() -> ClusterClient.voting(few, configs.getFirst(), 1).connect())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("too few to find out");
    }

    @Test
    void aMemberWithoutItsKeyDoesNotStart() throws Exception {
        List<NodeConfig> configs = cluster(4, Map.of());
        Files.delete(directory.resolve("keys").resolve("replica-1.key"));
        assertThatThrownBy(() -> start(configs.getFirst()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("replica-1.key");
        Files.delete(directory.resolve("cluster.keys"));
        assertThatThrownBy(() -> start(configs.get(1)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cluster.keys");
    }
}
