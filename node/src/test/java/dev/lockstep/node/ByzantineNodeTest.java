package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
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

    @Test
    void fourOrderWhatTheyAreAsked() {
        cluster(4, Map.of("view-timeout", "250ms")).forEach(this::start);
        try (Client client = TestNodes.clientOf(nodes.getFirst())) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
            assertThat(TestNodes.add(client, 2)).isEqualTo(3);
            assertThat(TestNodes.read(client)).isEqualTo(3);
        }
        assertThat(nodes.getFirst().status().order()).containsKeys("view", "role");
    }

    @Test
    void threeAreEnoughUnderABoundOnDelays() {
        cluster(3, Map.of("resilience", "2t+1", "delta", "100ms")).forEach(this::start);
        try (Client client = TestNodes.clientOf(nodes.getFirst())) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
        }
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
