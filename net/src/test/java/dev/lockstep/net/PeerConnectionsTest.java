package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Members on one loop: a connection for every pair, and its end is news.
@ParameterizedClass
@ValueSource(booleans = {true, false})
class PeerConnectionsTest {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    private final NetworkLoop loop;
    private final List<Peer> running = new ArrayList<>();
    private final int[] ports = freePorts(4);

    PeerConnectionsTest(boolean best) {
        loop = best ? NetworkLoop.create() : NetworkLoop.withNio();
    }

    @AfterEach
    void stop() {
        running.forEach(Peer::stop);
        loop.close();
    }

    @Test
    void threeMembersConnectAndTalkBothWays() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        Peer three = start(3, 1);
        pollUntil(() -> allConnected(one, two, three));

        assertThat(one.send(2, "a")).isTrue();
        assertThat(two.send(1, "b")).isTrue();
        assertThat(three.send(1, "c")).isTrue();
        pollUntil(() -> one.frames.size() == 2 && two.frames.size() == 1);

        assertThat(one.frames).containsExactlyInAnyOrder("2:b", "3:c");
        assertThat(two.frames).containsExactly("1:a");
    }

    @Test
    void framesKeepTheirOrderAndTheirBytes() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> one.connections.isConnected(id(2)));
        byte[] large = new byte[3 << 20];
        large[large.length - 1] = 7;

        for (int i = 0; i < 100; i++) {
            assertThat(one.send(2, "small " + i)).isTrue();
        }
        assertThat(one.connections.send(id(2), Bytes.EMPTY, Bytes.wrap(large), 0)).isTrue();
        one.send(2, "last");
        pollUntil(() -> two.frames.size() == 102);

        assertThat(two.frames.get(99)).isEqualTo("1:small 99");
        assertThat(two.frames.get(100)).isEqualTo("1:" + large.length + " bytes ending 7");
        assertThat(two.frames.get(101)).isEqualTo("1:last");
    }

    @Test
    void theEndOfAProcessIsNewsAndSoIsItsReturn() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> allConnected(one, two));

        two.stop();
        pollUntil(() -> one.news.contains("lost 2"));
        assertThat(one.send(2, "into the void")).isFalse();

        Peer again = start(2, 2);
        pollUntil(() -> allConnected(one, again));
        assertThat(one.news).startsWith("back 2", "lost 2", "back 2");
        assertThat(one.send(2, "hello again")).isTrue();
        pollUntil(() -> again.frames.contains("1:hello again"));
    }

    @Test
    void aPeerThatCannotBeReachedIsReportedLost() {
        Peer two = start(2, 1);

        pollUntil(() -> two.news.contains("lost 1"));
    }

    @Test
    void aMemberOfAnotherClusterIsNotConnected() {
        Peer one = start(1, 1);
        Peer stranger = start(2, 1, new ClusterId(9, 9), incarnation(2), membership());

        pollUntil(() -> stranger.news.stream().filter("lost 1"::equals).count() >= 2);

        assertThat(one.news).isEmpty();
        assertThat(one.connections.connectedPeers()).isZero();
    }

    @Test
    void anotherLifeOfAMemberIsNotConnected() {
        Peer one = start(1, 1);
        Membership mine =
                new Membership(
                        List.of(
                                new Member(id(1), incarnation(1)),
                                new Member(id(2), incarnation(99)),
                                new Member(id(3), incarnation(3))));
        Peer reborn = start(2, 1, CLUSTER, incarnation(99), mine);

        pollUntil(() -> reborn.news.contains("lost 1"));

        assertThat(one.news).isEmpty();
    }

    @Test
    void aReplacedDirectoryIsToldToStop() {
        Peer one = start(1, 1);
        Peer two = start(2, 7);
        pollUntil(() -> allConnected(one, two));
        two.stop();

        Peer replaced = start(2, 1);
        pollUntil(() -> replaced.unsafe != null);

        assertThat(replaced.unsafe)
                .isEqualTo(
                        "replica 2 shows boot 1 after boot 7: its data directory was replaced or"
                                + " reset, so it must not take part; restore the directory or create a"
                                + " new cluster");
    }

    @Test
    void aFrameWithAnUnknownKindEndsTheConnectionAndItComesBack() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> allConnected(one, two));

        one.rejectsNext = true;
        two.send(1, "nonsense");
        pollUntil(() -> one.news.contains("lost 2"));
        pollUntil(() -> allConnected(one, two));

        two.send(1, "sense");
        pollUntil(() -> one.frames.contains("2:sense"));
    }

    @Test
    void flushedIsToldAfterTheBytesWereGivenToTheKernel() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> allConnected(one, two));

        one.connections.send(id(2), Bytes.EMPTY, Bytes.EMPTY, 41);
        one.connections.send(id(2), Bytes.EMPTY, Bytes.EMPTY, 42);
        assertThat(one.flushed).isEmpty();
        pollUntil(() -> one.flushed.size() == 2);

        assertThat(one.flushed).containsExactly(41L, 42L);
    }

    @Test
    void pastTheBoundFramesAreDroppedAndSaidToBe() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> allConnected(one, two));
        Bytes large = Bytes.wrap(new byte[16 << 20]);

        int taken = 0;
        while (one.connections.send(id(2), Bytes.EMPTY, large, 0)) {
            taken++;
        }

        assertThat(taken).isBetween(6, 8);
        assertThat(one.connections.pendingBytes())
                .isLessThanOrEqualTo(ConnectionOptions.PEER.outputBytes());
        int expected = taken;
        pollUntil(() -> two.frames.size() == expected);
        assertThat(one.send(2, "room again")).isTrue();
    }

    private boolean allConnected(Peer... peers) {
        for (Peer peer : peers) {
            if (peer.connections.connectedPeers() != peers.length - 1) {
                return false;
            }
        }
        return true;
    }

    private void pollUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            loop.flush();
            loop.poll(1_000_000);
        }
    }

    private Peer start(int id, int boot) {
        return start(id, boot, CLUSTER, incarnation(id), membership());
    }

    private Peer start(
            int id, int boot, ClusterId cluster, Incarnation incarnation, Membership members) {
        Peer peer = new Peer(id, boot, cluster, incarnation, members);
        running.add(peer);
        return peer;
    }

    private static Membership membership() {
        return new Membership(
                List.of(
                        new Member(id(1), incarnation(1)),
                        new Member(id(2), incarnation(2)),
                        new Member(id(3), incarnation(3))));
    }

    private static ReplicaId id(int value) {
        return new ReplicaId(value);
    }

    private static Incarnation incarnation(int value) {
        return new Incarnation(value, value);
    }

    private static int[] freePorts(int count) {
        int[] ports = new int[count];
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                held.add(socket);
                ports[i] = socket.getLocalPort();
            }
            for (ServerSocket socket : held) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ports;
    }

    private final class Peer implements PeerListener {

        private final PeerConnections connections;
        private final List<String> frames = new ArrayList<>();
        private final List<String> news = new ArrayList<>();
        private final List<Long> flushed = new ArrayList<>();
        private @Nullable String unsafe;
        private boolean rejectsNext;
        private @Nullable FrameServer server;

        Peer(int id, int boot, ClusterId cluster, Incarnation incarnation, Membership members) {
            List<MemberAddress> addresses = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                addresses.add(new MemberAddress(id(i), "127.0.0.1", ports[i]));
            }
            connections =
                    new PeerConnections(
                            loop,
                            cluster,
                            new Hello.Caller.Peer(id(id), incarnation, boot, Epoch.FIRST),
                            0,
                            members,
                            addresses,
                            this);
            FrameServer.bind(
                    loop,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[id]),
                    connections.doorman(),
                    bound -> server = bound,
                    failed -> news.add(String.valueOf(failed)));
            pollUntil(() -> server != null);
            connections.start();
        }

        boolean send(int to, String text) {
            Bytes body = Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
            return connections.send(id(to), Bytes.EMPTY, body, 0);
        }

        void stop() {
            connections.close();
            if (server != null) {
                server.close();
            }
        }

        @Override
        public void onPeerFrame(ReplicaId from, int group, Bytes content) {
            if (rejectsNext) {
                rejectsNext = false;
                throw new MalformedException("nonsense");
            }
            String text =
                    content.size() > 1000
                            ? content.size()
                                    + " bytes ending "
                                    + content.getByte(content.size() - 1)
                            : new String(content.toByteArray(), StandardCharsets.UTF_8);
            frames.add(from + ":" + text);
        }

        @Override
        public void onPeerConnected(ReplicaId peer) {
            news.add("back " + peer);
        }

        @Override
        public void onPeerLost(ReplicaId peer) {
            news.add("lost " + peer);
        }

        @Override
        public void onFlushed(long token) {
            flushed.add(token);
        }

        @Override
        public void onUnsafe(ReplicaId peer, String sentence) {
            unsafe = sentence;
        }
    }
}
