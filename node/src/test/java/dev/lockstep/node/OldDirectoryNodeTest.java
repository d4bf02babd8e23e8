package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A replica whose directory is one that it had before, or was initialised a second time, has lost
/// what it promised since: the others notice, and it begins a new life.
class OldDirectoryNodeTest {

    @TempDir Path directory;

    private final List<Node> nodes = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private Node start(NodeConfig config) {
        Node node = Node.start(config, Counter::new);
        nodes.add(node);
        return node;
    }

    private List<NodeConfig> three() {
        List<NodeConfig> configs =
                TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT);
        configs.forEach(Node::init);
        return configs;
    }

    private static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static Identity identityOf(NodeConfig config) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(config.dataDirectory())) {
            return IdentityFile.read(store, "here");
        }
    }

    private void comesBackInAnotherLife(NodeConfig config, Identity former) throws IOException {
        Node back = start(config);
        Conditions.await(() -> back.status().member() && back.status().epoch() > 1);
        back.close();
        assertThat(identityOf(config).incarnation()).isNotEqualTo(former.incarnation());
    }

    @Test
    void whoIsInitialisedAgainAfterItsFirstBoot() throws IOException {
        List<NodeConfig> configs = three();
        NodeConfig config = configs.getLast();
        List<Node> all = configs.stream().map(this::start).toList();
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            TestNodes.add(client, 5);
            all.getLast().close();
            Identity former = identityOf(config);

            deleteAll(config.dataDirectory());
            Node.init(config);

            comesBackInAnotherLife(config, former);
        }
    }

    @Test
    void whoseDirectoryIsTheOneFromBeforeTheLastBoot() throws IOException {
        List<NodeConfig> configs = three();
        NodeConfig config = configs.getLast();
        List<Node> all = configs.stream().map(this::start).toList();
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            TestNodes.add(client, 5);
            all.getLast().close();
            Path old = directory.resolve("copy");
            copy(config.dataDirectory(), old);
            Node again = start(config);
            TestNodes.add(client, 6);
            Conditions.await(
                    () ->
                            again.status().executedPosition()
                                    == all.getFirst().status().executedPosition());
            again.close();
            Identity former = identityOf(config);

            deleteAll(config.dataDirectory());
            copy(old, config.dataDirectory());

            comesBackInAnotherLife(config, former);
        }
    }

    @Test
    void whoIsInitialisedAgainWhileTheOthersDoNotRun() throws IOException {
        List<NodeConfig> configs = three();
        NodeConfig config = configs.getLast();
        List<Node> all = configs.stream().map(this::start).toList();
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            TestNodes.add(client, 5);
        }
        all.getLast().close();
        Node again = start(config);
        Conditions.await(() -> again.status().preferredEntry() != null);
        nodes.forEach(Node::close);
        Identity former = identityOf(config);

        deleteAll(config.dataDirectory());
        Node.init(config);
        start(configs.get(0));
        start(configs.get(1));

        comesBackInAnotherLife(config, former);
    }

    @Test
    void whoIsStartedAgainAsItWasKeepsItsLife() throws IOException {
        List<NodeConfig> configs = three();
        Identity former = identityOf(configs.getLast());
        for (int i = 0; i < 3; i++) {
            nodes.forEach(Node::close);
            configs.forEach(this::start);
            try (Client client = TestNodes.clientOf(nodes.getLast())) {
                TestNodes.add(client, 1);
            }
        }
        nodes.forEach(Node::close);
        assertThat(identityOf(configs.getLast()).incarnation()).isEqualTo(former.incarnation());
    }
}
