package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.api.RefusedException;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.net.Hello;
import dev.lockstep.net.ReplicaAddress;
import dev.lockstep.net.Welcome;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What becomes of a cluster of which a majority is lost for good.
@Timeout(120)
class MajorityLossTest {

    private static final ClusterId FRESH = new ClusterId(0x99, 0xaa);
    private static final String SERVICE = Counter.class.getName();

    private final List<Node> nodes = new ArrayList<>();

    @TempDir private Path directory;

    @AfterEach
    void stop() {
        nodes.forEach(Node::kill);
    }

    private List<NodeConfig> cluster(String name, int size) {
        return TestNodes.cluster(
                size, directory.resolve(name), Durability.OS, ReplicaLimits.DEFAULT);
    }

    private List<NodeConfig> fresh(String name, int size) {
        return cluster(name, size).stream().map(config -> config.withClusterId(FRESH)).toList();
    }

    private Node start(NodeConfig config) {
        Node started = Node.start(config);
        nodes.add(started);
        return started;
    }

    private List<Node> startAll(List<NodeConfig> configs) {
        configs.forEach(Node::init);
        return configs.stream().map(this::start).toList();
    }

    private void kill() {
        nodes.forEach(Node::kill);
        nodes.clear();
    }

    private static Map<String, Bytes> contentOf(Path data) throws IOException {
        TreeMap<String, Bytes> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(data)) {
            for (Path file : all.filter(f -> !f.endsWith("lock")).toList()) {
                files.put(file.getFileName().toString(), Bytes.wrap(Files.readAllBytes(file)));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return files;
    }

    private static long value(ClientReply reply) {
        assertThat(reply.status()).isEqualTo(ClientReply.Status.OK);
        return ByteBuffer.wrap(reply.bytes().toByteArray()).getLong();
    }

    @Test
    void oneOfFiveGoesOnWithEverythingThatItHad() throws IOException {
        List<NodeConfig> old = cluster("old", 5);
        List<Node> five = startAll(old);
        ClientRequest.Command last;
        try (RawCaller caller = new RawCaller(five.get(1).clientPort())) {
            assertThat(caller.greet(Hello.ofClient(null))).isInstanceOf(Welcome.Accepted.class);
            long session = caller.ask(new ClientRequest.Open(7, 3_600_000_000_000L)).session();
            for (int i = 1; i < 10; i++) {
                assertThat(value(caller.ask(command(session, i)))).isEqualTo(i);
            }
            last = command(session, 10);
            assertThat(value(caller.ask(last))).isEqualTo(10);
            // What was acknowledged is with a majority, and then with this one too.
            long through = five.get(1).status().executedPosition();
            Conditions.await(() -> five.get(4).status().executedPosition() >= through);
        }
        kill();
        Path left = old.get(4).dataDirectory();
        Map<String, Bytes> before = contentOf(left);

        MajorityLoss loss = MajorityLoss.survey(List.of(left), old.getFirst());
        assertThat(loss.reign().members().size()).isEqualTo(5);
        assertThat(loss.best().isMember()).isTrue();
        List<NodeConfig> members = fresh("new", 3);
        loss.check(FRESH, members, SERVICE);
        MajorityLoss.Result made = loss.recover(FRESH, members);
        assertThat(contentOf(left)).as("the survivor's directory").isEqualTo(before);
        assertThat(made.position()).isEqualTo(loss.best().holdings().held());

        Node first = start(members.get(0));
        Node second = start(members.get(1));
        try (RawCaller caller = new RawCaller(second.clientPort())) {
            assertThat(caller.greet(Hello.ofClient(FRESH))).isInstanceOf(Welcome.Accepted.class);
            assertThat(value(caller.ask(last))).as("sent again").isEqualTo(10);
            assertThat(value(caller.ask(command(last.session(), 11)))).isEqualTo(11);
        }
        oldOnesAreRefused(members.getFirst().member().peerPort(), first, made.position());
        kill();
        recoveredOnceMore(members.get(1), last.session());
    }

    /// From a cluster that began with a snapshot.
    private void recoveredOnceMore(NodeConfig left, long session) throws IOException {
        MajorityLoss again = MajorityLoss.survey(List.of(left.dataDirectory()), left);
        ClusterId next = new ClusterId(0xbb, 0xcc);
        NodeConfig alone = cluster("once more", 1).getFirst().withClusterId(next);
        var _ = again.recover(next, List.of(alone));
        try (RawCaller caller = new RawCaller(start(alone).clientPort())) {
            assertThat(caller.greet(Hello.ofClient(null))).isInstanceOf(Welcome.Accepted.class);
            assertThat(value(caller.ask(command(session, 11)))).as("sent again").isEqualTo(11);
            assertThat(value(caller.ask(command(session, 12)))).isEqualTo(12);
        }
    }

    private static ClientRequest.Command command(long session, long sequence) {
        return new ClientRequest.Command(session, sequence, 0, Bytes.wrap(TestNodes.ONE));
    }

    private static void oldOnesAreRefused(int peerPort, Node first, long position)
            throws IOException {
        String fork =
                "cluster %s lost a majority of its members for good and goes on as cluster %s, which forked from it after position %d"
                        .formatted(TestNodes.CLUSTER, FRESH, position);
        Hello.Caller.Peer back =
                new Hello.Caller.Peer(
                        new ReplicaId(2),
                        new Incarnation(1, 1),
                        4,
                        77,
                        Epoch.FIRST,
                        new ReplicaAddress("127.0.0.1", 1, 2, 3));
        try (RawCaller caller = new RawCaller(peerPort)) {
            Welcome answer = caller.greet(Hello.ofPeer(TestNodes.CLUSTER, back, new ReplicaId(1)));
            assertThat(answer)
                    .isEqualTo(
                            new Welcome.Refused(
                                    Welcome.Reason.WRONG,
                                    fork
                                            + "; replica 2 of the old one takes no part any more: set its data directory aside, and give it an empty one as a new member"));
        }
        assertThatThrownBy(
                        () ->
                                LockstepClient.builder()
                                        .address("127.0.0.1", first.clientPort())
                                        .cluster(TestNodes.CLUSTER)
                                        .connect())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(fork + "; open a new client there");
    }

    /// One that has not heard that the last is committed holds it all the same.
    @Test
    void ofTwoTheOneThatHasMoreIsTaken() throws IOException {
        List<NodeConfig> old = cluster("old", 5);
        List<Node> five = startAll(old);
        try (Client client = TestNodes.clientOf(five.get(0))) {
            assertThat(TestNodes.add(client, 1)).isOne();
            Conditions.await(
                    () ->
                            five.get(4).status().executedPosition()
                                    >= five.get(0).status().executedPosition());
            nodes.remove(4).kill();
            for (int i = 2; i <= 20; i++) {
                assertThat(TestNodes.add(client, 1)).isEqualTo(i);
            }
            Conditions.await(
                    () ->
                            five.get(1).status().executedPosition()
                                    >= five.get(0).status().executedPosition());
        }
        kill();

        Path behind = old.get(4).dataDirectory();
        Path ahead = old.get(1).dataDirectory();
        MajorityLoss one = MajorityLoss.survey(List.of(behind, ahead), old.getFirst());
        MajorityLoss other = MajorityLoss.survey(List.of(ahead, behind), old.getFirst());

        assertThat(one.best().directory()).isEqualTo(ahead).isEqualTo(other.best().directory());
        List<NodeConfig> members = fresh("new", 1);
        MajorityLoss.Result made = one.recover(FRESH, members);
        assertThat(other.recover(FRESH, fresh("again", 3))).isEqualTo(made);
        try (Client client = TestNodes.clientOf(start(members.getFirst()))) {
            assertThat(TestNodes.read(client)).isEqualTo(20);
        }
    }

    @Test
    void whereNothingIsLostNothingIsRecovered() throws IOException {
        List<NodeConfig> old = cluster("old", 3);
        List<Node> three = startAll(old);
        try (Client client = TestNodes.clientOf(three.get(0))) {
            assertThat(TestNodes.add(client, 1)).isOne();
        }
        Path first = old.get(0).dataDirectory();
        Path second = old.get(1).dataDirectory();
        assertThatThrownBy(() -> MajorityLoss.survey(List.of(first), old.getFirst()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is in use by");
        kill();
        refused("2 of the 3 members of epoch 1 are here, which is a majority", first, second);
        refused("are both of replica 1: name the newer one", first, first);
        refused("is no directory", directory.resolve("nowhere"));
        Path empty = Files.createDirectories(directory.resolve("empty"));
        refused("has no identity", empty);
        NodeConfig other = fresh("other", 1).getFirst();
        Node.init(other);
        refused("was never started on", other.dataDirectory());
        Node started = start(other);
        Conditions.await(() -> started.status().executedPosition() > 0);
        kill();
        refused("name the survivors of one cluster", first, other.dataDirectory());

        MajorityLoss loss = MajorityLoss.survey(List.of(second), old.getFirst());
        assertThatThrownBy(() -> loss.check(TestNodes.CLUSTER, cluster("same", 3), SERVICE))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is the id of the cluster that lost its majority");
        List<NodeConfig> inPlace = old.stream().map(c -> c.withClusterId(FRESH)).toList();
        assertThatThrownBy(() -> loss.check(FRESH, inPlace, SERVICE))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is not empty (it has");
    }

    private void refused(String sentence, Path... directories) {
        assertThatThrownBy(
                        () ->
                                MajorityLoss.survey(
                                        List.of(directories), cluster("any", 3).getFirst()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(sentence);
    }
}
