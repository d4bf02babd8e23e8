package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.api.Consistency;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.Accusation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.replica.SnapshotOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Nodes of which one, or too many, misbehave on purpose.
@Timeout(90)
class MisconductNodeTest {

    private static final String KNOB = "lockstep.test.misconduct";

    @TempDir private Path directory;

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        System.clearProperty(KNOB);
        nodes.forEach(Node::kill);
    }

    private List<NodeConfig> cluster(String viewTimeout) {
        List<NodeConfig> configs =
                ByzantineNodes.cluster(
                        4,
                        directory,
                        Durability.OS,
                        new TreeMap<>(Map.of("view-timeout", viewTimeout)));
        configs.forEach(Node::init);
        return configs;
    }

    private void start(NodeConfig config, Misconduct misconduct) {
        System.setProperty(KNOB, misconduct.word());
        nodes.add(Node.start(config, Counter::new));
        System.clearProperty(KNOB);
    }

    private LockstepClient client(NodeConfig config) {
        ClientBuilder builder = LockstepClient.builder();
        nodes.forEach(node -> builder.address("127.0.0.1", node.clientPort()));
        return ClusterClient.voting(builder, config, 1).connect();
    }

    @ParameterizedTest
    @EnumSource(Misconduct.class)
    void oneOfFourDoesNotMatter(Misconduct misconduct) {
        List<NodeConfig> configs = cluster("250ms");
        for (NodeConfig config : configs) {
            boolean isFirst = config.self().value() == 1;
            start(config, isFirst ? misconduct : Misconduct.NONE);
        }
        try (Client client = client(configs.getFirst())) {
            for (int i = 1; i <= 20; i++) {
                assertThat(TestNodes.add(client, 1)).isEqualTo(i);
                assertThat(TestNodes.read(client)).isEqualTo(i);
            }
        }
        assertThat(nodes.getFirst().status().haltReason()).isNull();
    }

    @Test
    void whoEquivocatesIsProvenToHaveDoneSo() throws IOException {
        List<NodeConfig> configs = cluster("30s");
        for (NodeConfig config : configs) {
            boolean isFirst = config.self().value() == 1;
            start(config, isFirst ? Misconduct.EQUIVOCATES : Misconduct.NONE);
        }
        try (Client client = client(configs.getFirst())) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(1);
        }
        EvidenceJudge judge = new EvidenceJudge(configs.getFirst());
        nodes.forEach(Node::close);
        for (NodeConfig config : configs.subList(1, 4)) {
            List<EvidenceBook.Entry> kept = kept(config);
            assertThat(kept).as("what replica %s keeps", config.self()).isNotEmpty();
            Optional<Accusation> found = judge.judge(kept.getFirst().proof());
            assertThat(found).map(Accusation::about).hasValue(new ReplicaId(1));
        }
    }

    private List<EvidenceBook.Entry> kept(NodeConfig config) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(config.dataDirectory())) {
            return new EvidenceBook(store, TestNodes.CLUSTER).entries();
        }
    }

    /// What it executed twice shows in what it replied; the next snapshot that others vouch for
    /// takes the place of its own.
    @Test
    void whoseStateIsCorruptIsHealed() throws Exception {
        List<NodeConfig> configs =
                cluster("250ms").stream().map(MisconductNodeTest::withSnapshots).toList();
        for (NodeConfig config : configs) {
            boolean isLast = config.self().value() == 4;
            start(config, isLast ? Misconduct.CORRUPTS_ITS_STATE : Misconduct.NONE);
        }
        try (Client client = client(configs.getFirst())) {
            Node corrupt = nodes.getLast();
            Conditions.await(
                    () -> {
                        TestNodes.add(client, 1);
                        return corrupt.status().quarantineReason() != null;
                    });
            corrupt.kill();
            nodes.removeLast();
            start(configs.getLast(), Misconduct.NONE);
            Node honest = nodes.getLast();
            Conditions.await(
                    () -> {
                        TestNodes.add(client, 1);
                        return honest.status().quarantineReason() == null;
                    });
        }
    }

    private static NodeConfig withSnapshots(NodeConfig known) {
        return ByzantineNodes.with(
                known, SnapshotOptions.DEFAULT.withTogetherNanos(1_000_000_000L));
    }

    /// Three lie, each in its own way: no two say the same, and the client believes none.
    @Test
    void whereTooFewAgreeTheClientSaysSo() {
        List<NodeConfig> configs = cluster("250ms");
        for (NodeConfig config : configs) {
            boolean isLast = config.self().value() == 4;
            start(config, isLast ? Misconduct.NONE : Misconduct.LIES);
        }
        assertThatThrownBy(
                        () -> {
                            try (Client client = client(configs.getFirst())) {
                                client.query(
                                                TestNodes.ONE,
                                                Consistency.LINEARIZABLE,
                                                Duration.ofSeconds(2))
                                        .toCompletableFuture()
                                        .join();
                            }
                        })
                .hasMessageContaining("contradict one another");
    }
}
