package dev.lockstep.node;

import static dev.lockstep.node.TestNodes.ONE;
import static dev.lockstep.node.TestNodes.add;
import static dev.lockstep.node.TestNodes.clientOf;
import static dev.lockstep.node.TestNodes.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.lockstep.api.Client;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.RefusedException;
import dev.lockstep.api.ServiceFailureException;
import dev.lockstep.client.LoopClient;
import dev.lockstep.journal.MemoryStore;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/// One node with real files and sockets: what it survives, and what it says when it cannot.
@Timeout(60)
class NodeTest {

    @TempDir private Path directory;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        productLog().addAppender(log);
    }

    @AfterEach
    void stopListening() {
        productLog().detachAppender(log);
    }

    private static Logger productLog() {
        return (Logger) LoggerFactory.getLogger("dev.lockstep");
    }

    private List<String> warnings() {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private List<String> diskFullWarnings() {
        return warnings().stream()
                .filter(line -> line.startsWith("the disk is full, commands are refused"))
                .toList();
    }

    @Test
    void whatWasAcknowledgedIsThereAfterAKill() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        Node first = Node.start(config, Counter::new);
        try (Client client = clientOf(first)) {
            assertThat(add(client, 3)).isEqualTo(3);
            assertThat(add(client, 4)).isEqualTo(7);
            first.kill();
        }
        try (Node second = Node.start(config);
                Client client = clientOf(second)) {
            assertThat(read(client)).isEqualTo(7);
            assertThat(second.failure()).isEmpty();
        }
    }

    @Test
    void everyWayToWriteTheJournalKeepsEverything() {
        for (JournalThreading threading : JournalThreading.values()) {
            NodeConfig base =
                    TestNodes.alone(directory.resolve(threading.name()), Durability.FSYNC);
            NodeConfig config = base.withJournalThreading(threading);
            Node.init(config);
            Node node = Node.start(config);
            try (Client client = clientOf(node)) {
                var last = client.command(ONE).toCompletableFuture();
                for (int i = 1; i < 500; i++) {
                    last = client.command(ONE).toCompletableFuture();
                }
                last.join();
                node.kill();
            }
            try (Node again = Node.start(config);
                    Client client = clientOf(again)) {
                assertThat(read(client)).as("%s", threading).isEqualTo(500);
            }
        }
    }

    @Test
    void aTornTailIsCutAndNamed() throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.OS);
        Node.init(config);
        Node first = Node.start(config);
        try (Client client = clientOf(first)) {
            assertThat(add(client, 3)).isEqualTo(3);
            assertThat(add(client, 4)).isEqualTo(7);
            first.kill();
        }
        eraseTheEnd(config.dataDirectory());

        try (Node second = Node.start(config);
                Client client = clientOf(second)) {
            assertThat(warnings())
                    .anySatisfy(
                            line ->
                                    assertThat(line)
                                            .startsWith("replica 1: the torn tail of a write"));
            assertThat(read(client)).isLessThan(8);
            assertThat(add(client, 1)).isPositive();
        }
    }

    @Test
    void changedBytesOfTheJournalAreNamed() throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        try (Node first = Node.start(config);
                Client client = clientOf(first)) {
            assertThat(add(client, 3)).isEqualTo(3);
        }
        try (Node second = Node.start(config);
                Client client = clientOf(second)) {
            assertThat(add(client, 4)).isEqualTo(7);
        }
        changeTheBeginning(config.dataDirectory());

        assertThatThrownBy(() -> Node.start(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(config.dataDirectory() + ": the journal is damaged: ");
    }

    /// The last bytes that are not zero become zero, as in a write that did not quite happen.
    private static void eraseTheEnd(Path data) throws IOException {
        Path segment = lastSegment(data);
        byte[] bytes = Files.readAllBytes(segment);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(6), end - 6);
        }
    }

    private static void changeTheBeginning(Path data) throws IOException {
        Path segment = lastSegment(data);
        try (FileChannel channel =
                FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long offset = 512 + 60;
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 1)).flip();
            channel.write(one, offset);
        }
    }

    /// The file to which records were written last.
    private static Path lastSegment(Path data) throws IOException {
        try (Stream<Path> files = Files.list(data)) {
            return files.filter(file -> isSegmentWithRecords(file)).sorted().toList().getLast();
        }
    }

    private static boolean isSegmentWithRecords(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(8192);
            int set = 0;
            for (int i = 512; i < bytes.length; i++) {
                set += bytes[i] == 0 ? 0 : 1;
            }
            return bytes.length == 8192 && set > 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFullDiskRefusesCommandsAndRecoversByItself() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        FillingStore store = new FillingStore(new MemoryStore());
        StoreSource source = StoreSource.of(store, "the test's store");
        Node.init(config, source);
        try (Node node = Node.start(TestNodes.plan(config, source, List.of()));
                Client client = clientOf(node)) {
            assertThat(add(client, 1)).isEqualTo(1);
            store.full = true;
            // The first is admitted before anybody knows; it waits for the room.
            var waiting = client.command(ONE).toCompletableFuture();
            // The next is refused once the replica knows, which is after its disk does.
            Conditions.await(() -> !diskFullWarnings().isEmpty());
            assertThatThrownBy(
                            () ->
                                    client.command(ONE, Duration.ofMillis(300))
                                            .toCompletableFuture()
                                            .join())
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(OverloadedException.class);
            assertThat(read(client)).isEqualTo(1);

            store.full = false;

            assertThat(TestNodes.valueOf(waiting.join())).isEqualTo(2);
            assertThat(add(client, 1)).isEqualTo(3);
            assertThat(node.failure()).isEmpty();
            assertThat(diskFullWarnings()).hasSize(1);
        }
    }

    @Test
    void aBrokenDiskStopsTheNodeWithASentence() throws InterruptedException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        FillingStore store = new FillingStore(new MemoryStore());
        StoreSource source = StoreSource.of(store, "the test's store");
        Node.init(config, source);
        Node node = Node.start(TestNodes.plan(config, source, List.of()));
        try (Client client = clientOf(node)) {
            assertThat(add(client, 1)).isEqualTo(1);
            store.broken = true;
            var _ = client.command(ONE, Duration.ofMillis(100));
            node.awaitTermination();
        }
        assertThat(node.failure())
                .hasValue(
                        "replica 1 stopped: the journal cannot be written (Input/output error), and"
                                + " what became of the last write is unknown: look after the disk,"
                                + " then start the replica again");
        assertThat(node.status().executedPosition()).isPositive();
    }

    @Test
    void anErrorOfTheServiceStopsTheNodeAndABugDoesNot() throws InterruptedException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        Node node = Node.start(config);
        try (Client client = clientOf(node)) {
            assertThatThrownBy(() -> add(client, Counter.THROWS))
                    .cause()
                    .isInstanceOf(ServiceFailureException.class);
            assertThat(add(client, 1)).isEqualTo(1);
            var _ = client.command(new byte[] {(byte) Counter.OVERFLOWS}, Duration.ofMillis(100));
            node.awaitTermination();
        }
        assertThat(node.failure().orElseThrow())
                .isEqualTo("replica 1 stopped: java.lang.StackOverflowError: as ordered");
    }

    /// Where the JVM was not told to end by itself.
    @Test
    void whoRunsOutOfMemoryIsToldWhatToDo() throws InterruptedException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        Node node = Node.start(config);
        try (Client client = clientOf(node)) {
            var _ = client.command(new byte[] {(byte) Counter.EXHAUSTS}, Duration.ofMillis(100));
            node.awaitTermination();
        }
        assertThat(node.failure().orElseThrow())
                .isEqualTo(
                        "replica 1 stopped: it needs more memory than the %d MiB that the heap may"
                                        .formatted(Runtime.getRuntime().maxMemory() >> 20)
                                + " take (as ordered); give it more with -Xmx, or keep less in the"
                                + " service");
        assertThat(log.list).allMatch(line -> line.getThrowableProxy() == null);
    }

    @Test
    void aMalformedFrameEndsItsConnectionOnly() throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        try (Node node = Node.start(config);
                Client client = clientOf(node)) {
            assertThat(add(client, 1)).isEqualTo(1);
            int before = warnings().size();
            try (Socket bad = greeted(node)) {
                bad.getOutputStream().write(frame(17, new byte[5]));
                readToEnd(bad);
            }
            try (Socket bad = greeted(node)) {
                bad.getOutputStream().write(frame(99, new byte[50]));
                readToEnd(bad);
            }
            try (Socket absurd = greeted(node)) {
                ByteBuffer length = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
                absurd.getOutputStream().write(length.putInt(1 << 30).array());
                readToEnd(absurd);
            }
            assertThat(warnings()).hasSize(before + 3);
            assertThat(add(client, 1)).isEqualTo(2);
        }
    }

    private static Socket greeted(Node node) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.clientPort());
        socket.setSoTimeout(20_000);
        dev.lockstep.core.wire.BytesWriter hello = new dev.lockstep.core.wire.BytesWriter(64);
        dev.lockstep.net.Hello.ofClient(null).encode(hello);
        socket.getOutputStream().write(frame(1, hello.toBytes().toByteArray()));
        byte[] length = socket.getInputStream().readNBytes(4);
        int size = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt();
        assertThat(socket.getInputStream().readNBytes(size)).hasSize(size);
        return socket;
    }

    private static byte[] frame(int kind, byte[] content) {
        ByteBuffer frame = ByteBuffer.allocate(9 + content.length).order(ByteOrder.LITTLE_ENDIAN);
        return frame.putInt(5 + content.length).put((byte) kind).putInt(0).put(content).array();
    }

    private static void readToEnd(Socket socket) throws IOException {
        try {
            assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThan(100);
        } catch (java.net.SocketException e) {
            // A reset ends it as well.
        }
    }

    @Test
    void aCommandThatIsTooLargeIsRefusedWithBothSizes() {
        NodeConfig config = TestNodes.alone(directory, Durability.OS);
        Node.init(config);
        try (Node node = Node.start(config);
                Client client = clientOf(node)) {
            byte[] large = new byte[(8 << 20) + 1];
            assertThatThrownBy(() -> client.command(large).toCompletableFuture().join())
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("8388609 bytes")
                    .hasMessageContaining("8388608");
            assertThatThrownBy(() -> client.query(large).toCompletableFuture().join())
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("8388609 bytes")
                    .hasMessageContaining("8388608");
            byte[] largestOfAnyClient = new byte[LoopClient.MAX_REQUEST_BYTES];
            assertThatThrownBy(
                            () -> client.command(largestOfAnyClient).toCompletableFuture().join())
                    .cause()
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("33554432 bytes")
                    .hasMessageContaining("8388608");
            byte[] largest = new byte[8 << 20];
            largest[0] = 5;
            assertThat(TestNodes.valueOf(client.command(largest).toCompletableFuture().join()))
                    .isEqualTo(5);
        }
    }

    @Test
    void aSecondNodeOnTheDirectoryIsRefused() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        try (Node node = Node.start(config)) {
            assertThatThrownBy(() -> Node.start(config))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith(
                            "the directory " + config.dataDirectory() + " is in use");
            assertThat(node.status().serving()).isTrue();
        }
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            MemberConfig member = config.member();
            NodeConfig conflicting =
                    config.withMember(
                            new MemberConfig(
                                    member.id(),
                                    member.host(),
                                    member.peerPort(),
                                    taken.getLocalPort(),
                                    member.adminHost(),
                                    -1,
                                    new TreeMap<>()));
            assertThatThrownBy(() -> Node.start(conflicting))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage(
                            "client-port "
                                    + taken.getLocalPort()
                                    + " of replica 1 is in use on 127.0.0.1: stop what uses it or"
                                    + " choose another port in this test");
        }
        // What the failed start had opened is closed again.
        Node.start(config).close();
    }

    @Test
    void aServiceThatIsNotThereIsNamed() {
        NodeConfig base = TestNodes.alone(directory, Durability.FSYNC);
        assertThatThrownBy(() -> Services.machine("com.example.Gone", new TreeMap<>()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "service com.example.Gone is not bundled (nothing is) and no class of that"
                                + " name is on the class path; put it there with --class-path");
        assertThatThrownBy(() -> Services.machine("java.lang.String", new TreeMap<>()))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "service java.lang.String is a class that does not implement"
                                + " dev.lockstep.api.StateMachine; name one that does");
        TreeMap<String, Integer> redis = new TreeMap<>();
        redis.put("redis", 0);
        MemberConfig member = base.member();
        NodeConfig withRedis =
                base.withMember(
                        new MemberConfig(
                                member.id(),
                                member.host(),
                                member.peerPort(),
                                0,
                                member.adminHost(),
                                -1,
                                redis));
        Node.init(withRedis);
        assertThatThrownBy(() -> Node.start(withRedis))
                .isInstanceOf(ConfigException.class)
                .hasMessage(
                        "replica 1 has a redis-port, but nothing on the class path serves it; there"
                                + " is none");
    }

    @Test
    void closingTwiceAndAskingAfterwardsDoNoHarm() throws InterruptedException {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        Node node = Node.start(config);
        node.close();
        node.close();
        node.kill();
        node.awaitTermination();

        assertThat(node.failure()).isEmpty();
        assertThat(node.status().self()).isEqualTo(config.self());
        assertThatThrownBy(node::stateDigest).isInstanceOf(IllegalStateException.class);
    }
}
