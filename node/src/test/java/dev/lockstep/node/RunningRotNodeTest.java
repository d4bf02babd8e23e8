package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.journal.DirectoryStore;
import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// Files that rot under a running node: what is found damaged when it is read is never sent and
/// never executed, comes back by itself, and is told.
@Timeout(60)
class RunningRotNodeTest {

    private static final int SEGMENT_BYTES = 16 << 10;
    private static final int COMMAND_BYTES = 500;
    private static final SnapshotOptions OFTEN =
            new SnapshotOptions(64 << 10, Long.MAX_VALUE, 1L << 30);

    @TempDir Path directory;

    private final List<Node> nodes = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
        http.close();
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

    /// A member keeps so little of its log in memory that laggards are served from the files.
    private List<NodeConfig> three(SnapshotOptions snapshots) {
        TreeMap<String, String> smallWindow = new TreeMap<>(Map.of("log-window", "4KiB"));
        List<NodeConfig> configs = new ArrayList<>();
        TestNodes.cluster(3, directory, Durability.FSYNC, ReplicaLimits.DEFAULT)
                .forEach(
                        config ->
                                configs.add(
                                        config.withSnapshots(snapshots)
                                                .withProtocolOptions(smallWindow)));
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

    private static List<Path> files(NodeConfig config, String prefix, String suffix) {
        try (Stream<Path> all = Files.list(config.dataDirectory())) {
            return all.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> file.getFileName().toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> segments(NodeConfig config) {
        return files(config, "journal-", ".seg");
    }

    /// Without cutting the file, which is open.
    private static void flip(Path file, long... offsets) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            for (long offset : offsets) {
                open.seek(offset);
                int was = open.read();
                open.seek(offset);
                open.write(was ^ 0x10);
            }
        }
    }

    private String status(Node node) {
        return status(node.adminPort());
    }

    /// Empty if there is no answer.
    private String status(int adminPort) {
        URI uri = URI.create("http://127.0.0.1:" + adminPort + "/status");
        try {
            return http.send(
                            HttpRequest.newBuilder(uri).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Identity identityOf(NodeConfig config) throws IOException {
        try (DirectoryStore store = DirectoryStore.open(config.dataDirectory())) {
            return IdentityFile.read(store, "here");
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

    private void assertNobodyLostAnything(List<Node> all, List<NodeConfig> configs, long sum)
            throws IOException {
        awaitAll(all);
        for (Node node : all) {
            assertThat(node.stateDigest().state()).isEqualTo(all.getFirst().stateDigest().state());
            assertThat(status(node)).contains("\"newLives\":[]");
        }
        try (Client client = TestNodes.clientOf(all.getLast())) {
            assertThat(TestNodes.read(client)).isEqualTo(sum);
        }
        all.forEach(Node::close);
        for (NodeConfig config : configs) {
            assertThat(identityOf(config).incarnation())
                    .isEqualTo(Identity.genesis(TestNodes.CLUSTER, config.self(), 0));
        }
    }

    /// What is in the middle of the journals of those that a laggard asks, in each another record.
    @Test
    void recordsThatALaggardNeeds() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 5);
            all.get(2).close();
            addOnes(client, 200);
            flip(segments(configs.get(0)).get(2), 800, 2_500, 9_000);
            flip(segments(configs.get(1)).get(4), 540, 5_000);
            all.set(2, start(configs.get(2)));
            awaitAll(all);
        }
        Conditions.await(() -> status(all.get(0)).contains("\"journalsMended\":1"));
        Conditions.await(() -> status(all.get(1)).contains("\"journalsMended\":1"));
        assertNobodyLostAnything(all, configs, 205);
    }

    /// The segment that is being written has no index beside it.
    @Test
    void aRecordOfTheSegmentThatIsBeingWritten() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 5);
            all.get(2).close();
            for (int i = 0; i < 16; i++) {
                addOnes(client, 1);
            }
            for (int i = 0; i < 2; i++) {
                Path segment = segments(configs.get(i)).getFirst();
                assertThat(files(configs.get(i), "journal-", ".idx")).isEmpty();
                flip(segment, 5_000 + 3_000 * i);
            }
            all.set(2, start(configs.get(2)));
            awaitAll(all);
        }
        assertNobodyLostAnything(all, configs, 21);
    }

    /// A newcomer asks for a snapshot of which a chunk has rotted: it gets another one.
    @Test
    void aSnapshotThatANewcomerNeeds() throws IOException {
        List<NodeConfig> configs = three(OFTEN);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 1_000);
            awaitAll(all);
            Conditions.await(
                    () ->
                            all.stream()
                                    .allMatch(
                                            node ->
                                                    node.status().snapshotPosition() > 0
                                                            && node.status().firstSequence() > 1));
            for (NodeConfig config : configs) {
                for (Path snapshot : files(config, "snapshot-", "")) {
                    flip(snapshot, Files.size(snapshot) / 2);
                }
            }
            Node fourth = start(TestNodes.joining(configs.getFirst(), 4));
            Conditions.await(
                    () ->
                            fourth.status().executedPosition()
                                    == all.getFirst().status().executedPosition());
            assertThat(fourth.stateDigest().state())
                    .isEqualTo(all.getFirst().stateDigest().state());
            assertThat(
                            all.stream()
                                    .filter(
                                            node ->
                                                    !status(node)
                                                            .contains("\"snapshotsDamaged\":0")))
                    .isNotEmpty();
        }
        assertNobodyLostAnything(all, configs, 1_000);
    }

    /// Nothing that is running depends on it; the next start writes it anew.
    @Test
    void theIndexOfASegment() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 100);
            awaitAll(all);
            all.get(2).close();
            addOnes(client, 100);
            for (int i = 0; i < 2; i++) {
                for (Path index : files(configs.get(i), "journal-", ".idx")) {
                    flip(index, Files.size(index) / 2);
                }
            }
            // So that it is asked for records whose index is damaged.
            // Several, since one may hit what nothing depends on.
            flip(segments(configs.get(2)).get(1), 1_200, 3_000, 5_000, 9_000);
            all.set(2, start(configs.get(2)));
            awaitAll(all);
        }
        assertThat(status(all.get(2))).contains("\"journalsMended\":1");
        assertNobodyLostAnything(all, configs, 200);
    }

    /// Who is asked for a record to mend another's journal finds its own damaged: both are mended.
    @Test
    void aRecordThatAnothersJournalNeeds() throws IOException {
        List<NodeConfig> configs = new ArrayList<>(three(SnapshotOptions.DEFAULT));
        int port = LoopbackPorts.free(1)[0];
        configs.set(0, TestNodes.withAdminPort(configs.get(0), port));
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 200);
            awaitAll(all);
        }
        all.get(2).close();
        all.get(1).close();
        flip(segments(configs.get(2)).get(1), 900, 4_000);
        // The same records, and others.
        flip(segments(configs.get(0)).get(1), 900, 4_000, 9_000);
        // Only the first can be asked, so it is its own damage that answers.
        CompletableFuture<Node> mended = CompletableFuture.supplyAsync(() -> start(configs.get(2)));
        Conditions.await(() -> status(port).contains("\"mending\":{\"records\":"));
        assertThat(mended).isNotDone();

        all.set(1, start(configs.get(1)));
        all.set(2, mended.join());
        assertThat(status(all.get(2))).contains("\"journalsMended\":1");
        Conditions.await(() -> status(all.get(0)).contains("\"journalsMended\":1"));
        assertNobodyLostAnything(all, configs, 200);
    }

    /// What a node has read at its start and reads again when it begins anew.
    @Test
    void whatIsReadAtAStart() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 5);
            all.get(2).close();
            addOnes(client, 200);
            flip(configs.get(0).dataDirectory().resolve("addresses"), 30);
            flip(configs.get(0).dataDirectory().resolve("identity"), 60);
            flip(configs.get(1).dataDirectory().resolve("identity.copy"), 60);
            // The header of a segment.
            flip(segments(configs.get(1)).get(1), 40);
            flip(segments(configs.get(0)).get(2), 800);
            flip(segments(configs.get(1)).get(3), 800);
            all.set(2, start(configs.get(2)));
            awaitAll(all);
        }
        assertNobodyLostAnything(all, configs, 205);
    }

    /// While it waits for others the replica does not take part, and the admin port says why.
    @Test
    void operatorsSeeHowFarARepairIs() throws IOException {
        List<NodeConfig> configs = three(SnapshotOptions.DEFAULT);
        List<Node> all = new ArrayList<>(configs.stream().map(this::start).toList());
        try (Client client = TestNodes.clientOf(all.getFirst())) {
            addOnes(client, 100);
            awaitAll(all);
        }
        all.forEach(Node::close);
        flip(segments(configs.get(2)).get(1), 600);
        flip(segments(configs.get(2)).get(2), 600);
        int port = LoopbackPorts.free(1)[0];
        NodeConfig config = TestNodes.withAdminPort(configs.get(2), port);
        CompletableFuture<Node> mended = CompletableFuture.supplyAsync(() -> start(config));
        Conditions.await(() -> status(port).contains("\"mending\":{\"records\":2,\"back\":0}"));
        assertThat(status(port))
                .contains("\"serving\":false")
                .contains("\"reason\":\"mending its journal: 0 of 2 records are back; it waits for")
                .contains("connected are none");

        all.set(0, start(configs.get(0)));
        all.set(1, start(configs.get(1)));
        all.set(2, mended.join());
        assertThat(status(port)).contains("\"recordsRepaired\":2");
        assertNobodyLostAnything(all, configs, 100);
    }
}
