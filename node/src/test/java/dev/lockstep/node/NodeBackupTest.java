package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.lockstep.api.Client;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.HistoryBlock;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a node gives for a backup, what is kept of it, and what starts from it.
@Timeout(60)
class NodeBackupTest {

    private static final ClusterId FRESH = new ClusterId(0x99, 0xaa);

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Node> nodes = new ArrayList<>();

    @TempDir private Path directory;

    private Node node;

    @BeforeEach
    void start() {
        NodeConfig config = TestNodes.alone(directory.resolve("old"), Durability.OS);
        Node.init(config);
        node = Node.start(config);
        nodes.add(node);
        addOnes(10);
    }

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
        http.close();
    }

    private void addOnes(int times) {
        try (Client client = TestNodes.clientOf(node)) {
            for (int i = 0; i < times; i++) {
                TestNodes.add(client, 1);
            }
        }
    }

    private HttpResponse<byte[]> ask(String method, String path) {
        URI uri = URI.create("http://127.0.0.1:" + node.adminPort() + path);
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode page(String method) {
        try {
            return new JsonMapper().readTree(ask(method, "/backup").body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SnapshotDescription takeSnapshot() {
        assertThat(page("POST").path("cluster").asText()).isEqualTo(TestNodes.CLUSTER.toString());
        Conditions.await(() -> !page("GET").path("snapshots").isEmpty());
        JsonNode newest = page("GET").path("snapshots").get(0);
        return new SnapshotDescription(
                newest.path("position").asLong(),
                newest.path("chunks").asInt(),
                newest.path("sizeBytes").asLong(),
                Bytes.wrap(HexFormat.of().parseHex(newest.path("digest").asText())));
    }

    private Bytes chunk(SnapshotDescription of, int index) {
        String path = "/backup/snapshot?position=" + of.position() + "&chunk=" + index;
        return Bytes.wrap(ask("GET", path).body());
    }

    private Bytes history(long from) {
        return Bytes.wrap(ask("GET", "/backup/history?from=" + from).body());
    }

    private static BackupOrigin origin(String service) {
        ReplicaLimits limits = ReplicaLimits.DEFAULT;
        return new BackupOrigin(
                TestNodes.CLUSTER,
                service,
                new TreeMap<>(),
                limits.replyBytes(),
                limits.parkedRequests(),
                limits.parkedBytes());
    }

    /// A backup that begins after ten and ends after fourteen.
    private Path backup() throws IOException {
        SnapshotDescription snapshot = takeSnapshot();
        addOnes(4);
        Path to = directory.resolve("backup");
        try (BackupDirectory backup = BackupDirectory.begin(to)) {
            backup.begin(TestNodes.CLUSTER);
            assertThat(backup.receive(snapshot)).isZero();
            for (int i = 0; i < snapshot.chunks(); i++) {
                backup.add(chunk(snapshot, i));
            }
            assertThat(backup.snapshot()).isEqualTo(snapshot);
            int brought = backup.append(history(backup.historyNeeded(snapshot.position())));
            assertThat(brought).isGreaterThanOrEqualTo(4);
            BackupManifest made = backup.complete(origin(Counter.class.getName()), Instant.now());
            assertThat(made.last()).isEqualTo(snapshot.position() + brought);
            assertThat(made.toTime()).isAfterOrEqualTo(made.fromTime());
        }
        return to;
    }

    private List<NodeConfig> fresh(String name, int size) {
        return TestNodes.cluster(
                        size, directory.resolve(name), Durability.OS, ReplicaLimits.DEFAULT)
                .stream()
                .map(config -> config.withClusterId(FRESH))
                .toList();
    }

    private static Restore.Result restore(
            BackupDirectory backup, List<NodeConfig> members, long position) throws IOException {
        Restore restore = new Restore(backup, FRESH, members);
        restore.check();
        return restore.run(position, Instant.MAX, _ -> {});
    }

    private Node start(NodeConfig config) {
        Node started = Node.start(config);
        nodes.add(started);
        return started;
    }

    @Test
    void piecesThatAreNotThereAreRefused() {
        SnapshotDescription snapshot = takeSnapshot();
        String at = "/backup/snapshot?position=" + snapshot.position();
        assertThat(ask("GET", at + "&chunk=0").statusCode()).isEqualTo(200);
        assertThat(ask("GET", at + "&chunk=" + snapshot.chunks()).statusCode()).isEqualTo(410);
        assertThat(ask("GET", "/backup/snapshot?position=1&chunk=0").statusCode()).isEqualTo(410);
        assertThat(ask("GET", at).statusCode()).isEqualTo(400);
        assertThat(ask("GET", at + "&chunk=x").statusCode()).isEqualTo(400);
        assertThat(ask("GET", "/backup/history").statusCode()).isEqualTo(400);
        assertThat(ask("GET", "/backup/history?from=0").statusCode()).isEqualTo(400);
        HistoryBlock beyond = HistoryBlock.decode(history(1_000_000));
        assertThat(beyond.entries()).isEmpty();
        assertThat(page("GET").path("obstacle").isNull()).isTrue();
    }

    @Test
    void aClusterBeginsWithABackupAndGoesOn() throws IOException {
        List<NodeConfig> members = fresh("new", 3);
        Restore.Result made;
        try (BackupDirectory backup = BackupDirectory.read(backup())) {
            made = restore(backup, members, Long.MAX_VALUE);
        }
        Node first = start(members.get(0));
        Node second = start(members.get(1));
        Node third = start(members.get(2));
        assertThat(first.status().executedPosition()).isGreaterThanOrEqualTo(made.position());
        try (Client client = TestNodes.clientOf(second)) {
            assertThat(TestNodes.read(client)).isEqualTo(14);
            assertThat(TestNodes.add(client, 1)).isEqualTo(15);
            long position = second.status().executedPosition();
            assertThat(position).isGreaterThan(made.position());
            Conditions.await(
                    () -> first.status().executedPosition() == third.status().executedPosition());
        }
        nodes.forEach(Node::kill);
        Node again = start(members.get(0));
        start(members.get(1));
        try (Client client = TestNodes.clientOf(again)) {
            assertThat(TestNodes.add(client, 1)).isEqualTo(16);
        }
    }

    @Test
    void twoMachinesMakeTheSameState() throws IOException {
        List<NodeConfig> members = fresh("new", 3);
        try (BackupDirectory backup = BackupDirectory.read(backup())) {
            long position = backup.manifest().last() - 1;
            Restore.Result here = restore(backup, members.subList(0, 1), position);
            Restore.Result there = restore(backup, members.subList(1, 3), position);
            assertThat(here).isEqualTo(there);
            assertThat(here.position()).isEqualTo(position);
        }
    }

    @Test
    void whoHasLostTheRestoredStateDoesNotStart() throws IOException {
        List<NodeConfig> members = fresh("new", 1);
        try (BackupDirectory backup = BackupDirectory.read(backup())) {
            restore(backup, members, Long.MAX_VALUE);
        }
        try (Stream<Path> files = Files.list(members.getFirst().dataDirectory())) {
            for (Path file : files.filter(f -> f.toString().endsWith(".snap")).toList()) {
                Files.delete(file);
            }
        }
        assertThatThrownBy(() -> start(members.getFirst()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("belongs to a cluster that was restored at position");
    }

    @Test
    void aSnapshotWithoutAJournalIsNotAllThatAReplicaHad() throws IOException {
        var _ = takeSnapshot();
        node.close();
        Path data = directory.resolve("old").resolve("1");
        try (Stream<Path> files = Files.list(data)) {
            for (Path file : files.filter(f -> f.toString().contains("journal-")).toList()) {
                Files.delete(file);
            }
        }
        NodeConfig config = TestNodes.alone(directory.resolve("old"), Durability.OS);
        assertThatThrownBy(() -> start(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("has an identity but no journal, though replica 1 has run");
    }

    /// Members that began with different states would agree on an order and not on a state.
    @Test
    void whoWasRestoredHasNothingToDoWithWhoWasNot() {
        ReplicaId one = new ReplicaId(1);
        assertThat(Identity.genesis(FRESH, one, 5))
                .isNotEqualTo(Identity.genesis(FRESH, one, 0))
                .isNotEqualTo(Identity.genesis(FRESH, one, 6));
    }

    @Test
    void aBackupGoesOnWhereItStopped() throws IOException {
        SnapshotDescription snapshot = takeSnapshot();
        addOnes(3);
        Path to = directory.resolve("backup");
        try (BackupDirectory backup = BackupDirectory.begin(to)) {
            backup.begin(TestNodes.CLUSTER);
            assertThat(backup.receive(snapshot)).isZero();
            int _ = backup.append(history(backup.historyNeeded(snapshot.position())));
            assertThatThrownBy(() -> BackupDirectory.read(to))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("was not completed");
        }
        Path part = to.resolve("history.part");
        byte[] whole = Files.readAllBytes(part);
        Files.write(part, java.util.Arrays.copyOf(whole, whole.length - 1));
        try (BackupDirectory backup = BackupDirectory.begin(to)) {
            assertThat(backup.cluster()).isEqualTo(TestNodes.CLUSTER);
            assertThatThrownBy(() -> backup.begin(FRESH))
                    .hasMessageContaining("the beginning of a backup of cluster");
            backup.begin(TestNodes.CLUSTER);
            assertThat(backup.hasPartOf(snapshot)).isTrue();
            assertThat(backup.receive(snapshot)).isZero();
            assertThatThrownBy(() -> backup.add(Bytes.wrap(new byte[40])))
                    .isInstanceOf(IOException.class);
            backup.add(chunk(snapshot, 0));
            long needed = backup.historyNeeded(snapshot.position());
            assertThat(needed).isEqualTo(snapshot.position() + 1);
            int _ = backup.append(history(needed));
            assertThatThrownBy(() -> backup.append(history(needed)))
                    .hasMessageContaining("what came is history of cluster");
            assertThatThrownBy(() -> BackupDirectory.begin(to))
                    .hasMessageContaining("is in use by another backup or restore");
            var _ = backup.complete(origin("x"), Instant.now());
        }
        assertThat(Files.readAllBytes(to.resolve("history"))).isEqualTo(whole);
        assertThatThrownBy(() -> BackupDirectory.begin(to))
                .hasMessageContaining("holds a complete backup already");
    }

    @Test
    void everyFileOfABackupIsChecked() throws IOException {
        Path to = backup();
        List<Path> files;
        try (Stream<Path> all = Files.list(to)) {
            files = all.filter(file -> !file.endsWith("lock")).sorted().toList();
        }
        assertThat(files).hasSize(3);
        int run = 0;
        for (Path file : files) {
            byte[] intact = Files.readAllBytes(file);
            for (int at : new int[] {0, intact.length / 3, intact.length / 2, intact.length - 9}) {
                byte[] damaged = intact.clone();
                damaged[at] ^= 1;
                Files.write(file, damaged);
                String name = "damaged" + run++;
                assertThatThrownBy(
                                () -> {
                                    try (BackupDirectory backup = BackupDirectory.read(to)) {
                                        restore(backup, fresh(name, 1), Long.MAX_VALUE);
                                    }
                                })
                        .as("byte %d of %s", at, file)
                        .isInstanceOf(IOException.class);
                Files.write(file, intact);
                assertThat(directory.resolve(name)).doesNotExist();
            }
        }
        try (BackupDirectory backup = BackupDirectory.read(to)) {
            assertThat(restore(backup, fresh("intact", 1), Long.MAX_VALUE).position())
                    .isEqualTo(backup.manifest().last());
        }
    }
}
