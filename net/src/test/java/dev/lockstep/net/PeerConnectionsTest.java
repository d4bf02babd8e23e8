package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
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
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// Replicas on one loop: a connection for every pair, and its end is news.
@ParameterizedClass
@ValueSource(booleans = {true, false})
class PeerConnectionsTest {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    private final NetworkLoop loop;
    private final List<Peer> running = new ArrayList<>();
    private final int[] ports = freePorts(8);

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
        Peer stranger = start(2, 1, new ClusterId(9, 9), incarnation(2), known(1, 2, 3));

        pollUntil(() -> stranger.news.stream().filter("lost 1"::equals).count() >= 2);

        assertThat(one.news).doesNotContain("back 2");
        assertThat(one.connections.connectedPeers()).isZero();
    }

    @Test
    void anotherLifeOfAMemberIsConnectedAndKnownByIt() {
        Peer one = start(1, 1);
        Peer two = start(2, 5);
        pollUntil(() -> allConnected(one, two));
        two.stop();
        pollUntil(() -> one.news.contains("lost 2"));

        Peer reborn = start(2, 1, CLUSTER, incarnation(99), known(1, 2, 3));
        pollUntil(() -> allConnected(one, reborn));
        reborn.send(1, "new");
        pollUntil(() -> !one.frames.isEmpty());

        assertThat(one.senders).containsExactly(new Member(id(2), incarnation(99)));
    }

    @Test
    void ofTwoLivesTheLaterStaysConnected() {
        Peer one = start(1, 1);
        Peer old = start(4, 5, CLUSTER, incarnation(4), known(1));
        pollUntil(() -> allConnected(one, old));

        Peer reborn = start(4, 5, 1, CLUSTER, incarnation(99), known(1));
        pollUntil(() -> allConnected(one, reborn) && !old.connections.isConnected(id(1)));
        pollFor(300_000_000);

        assertThat(one.news.stream().filter(news -> news.endsWith("4")))
                .containsExactly("back 4", "lost 4", "back 4");
        assertThat(reborn.news).containsExactly("back 1");
    }

    @Test
    void aMemberIsNotGivenUpForAnotherLifeHoweverSilentItIs() {
        Peer one = start(1, 1);
        Peer two = start(2, 5);
        pollUntil(() -> allConnected(one, two));
        pollFor(1_100_000_000);

        assertThat(answerOf(1, caller(2, 1, 77), 1))
                .isEqualTo(
                        new Welcome.Refused(
                                Welcome.Reason.LATER, "replica 2 is connected in another life"));
        one.connections.onEpoch(
                new Reign(
                        new StopSign(
                                new Epoch(2),
                                new Membership(List.of(new Member(id(2), incarnation(77)))),
                                FaultModel.CRASH,
                                "leader",
                                id(2)),
                        9));
        assertThat(answerOf(1, caller(2, 1, 77), 1)).isInstanceOf(Welcome.Accepted.class);
    }

    @Test
    void aConnectionByTheLowerNumberDoesNotReplaceOneByTheHigher() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> allConnected(one, two));

        assertThat(answerOf(2, caller(1, 1, 1), 2))
                .isEqualTo(
                        new Welcome.Refused(
                                Welcome.Reason.LATER, "replica 1 is connected already"));
        // After a restart there can be no connection from before.
        assertThat(answerOf(2, caller(1, 2, 1), 2)).isInstanceOf(Welcome.Accepted.class);
    }

    @Test
    void whoDialsLaterHasLostTheConnectionThatIsBelievedIn() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        pollUntil(() -> allConnected(one, two));
        pollFor(1_100_000_000);

        assertThat(answerOf(2, caller(1, 1, 1), 2)).isInstanceOf(Welcome.Accepted.class);
    }

    @Test
    void oneNumberIsForOneReplicaAndAnAddressForTheOneThatIsMeant() {
        start(1, 1);

        assertThat(answerOf(1, caller(1, 1, 5), 1))
                .isEqualTo(
                        new Welcome.Refused(
                                Welcome.Reason.WRONG,
                                "this is replica 1 already; give each replica its own number"));
        assertThat(answerOf(1, caller(3, 1, 3), 2))
                .isEqualTo(
                        new Welcome.Refused(
                                Welcome.Reason.WRONG, "at the address of replica 2 is replica 1"));
    }

    @Test
    void whoKnowsNobodysAddressIsDialledAndWhoIsNotKnownDials() {
        Peer three = start(3, 1, CLUSTER, incarnation(3), known());
        Peer two = start(2, 1, CLUSTER, incarnation(2), known(1, 3));
        Peer one = start(1, 1, CLUSTER, incarnation(1), known(3));

        pollUntil(() -> allConnected(one, two, three));
    }

    @Test
    void aReplicaWithAStrangeNumberIsConnected() {
        Peer one = start(1, 1, CLUSTER, incarnation(1), known(1, 3));
        Peer three = start(3, 1, CLUSTER, incarnation(3), known(1, 3));
        pollUntil(() -> allConnected(one, three));

        Peer two = start(2, 1, CLUSTER, incarnation(2), known(1));
        pollUntil(() -> allConnected(one, two, three));

        assertThat(three.connections.book().find(id(2))).isEqualTo(address(2));
        assertThat(one.addressesChanged).isPositive();
    }

    @Test
    void whoHasMovedIsFoundByAll() {
        Peer one = start(1, 1);
        Peer two = start(2, 1);
        Peer three = start(3, 1);
        pollUntil(() -> allConnected(one, two, three));
        two.stop();
        pollUntil(() -> one.news.contains("lost 2") && three.news.contains("lost 2"));

        Peer moved = start(2, 6, 2, CLUSTER, incarnation(2), known(1, 3));
        pollUntil(() -> allConnected(one, moved, three));
        three.stop();
        pollUntil(() -> one.news.contains("lost 3"));
        Peer stale = start(3, 2);
        pollUntil(() -> allConnected(one, moved, stale));

        assertThat(stale.connections.book().find(id(2))).isEqualTo(address(6));
    }

    @Test
    void whoWasConfiguredAnewIsFoundThoughItsOldAddressIsRemembered() {
        Peer one = start(1, 1);
        one.connections
                .book()
                .onHandshake(new KnownReplica(id(2), incarnation(2), 9, 0, address(7)));
        one.stop();
        Peer higher = start(3, 1, CLUSTER, incarnation(3), known(2));
        higher.connections
                .book()
                .onHandshake(new KnownReplica(id(2), incarnation(2), 1, 0, address(7)));
        Peer two = start(2, 2, CLUSTER, incarnation(2), known());

        pollUntil(() -> allConnected(higher, two));
    }

    @Test
    void whoTookTheAddressOfAnotherIsNotDisturbed() {
        Peer one = start(1, 1);
        SortedMap<ReplicaId, ReplicaAddress> wrong = known(1);
        wrong.put(id(2), address(1));
        Peer three = start(3, 1, CLUSTER, incarnation(3), wrong);
        pollUntil(() -> allConnected(one, three));
        three.connections.onEpoch(reign(1, 2, 3));

        pollUntil(() -> three.news.stream().filter("lost 2"::equals).count() >= 4);

        assertThat(one.news).containsExactly("back 3");
        assertThat(three.news).doesNotContain("lost 1");
    }

    @Test
    void dialsThatCrossLeaveOneConnectionThatStays() {
        for (int round = 1; round <= 20; round++) {
            Peer lower =
                    new Peer(1, 1, round, CLUSTER, incarnation(1), new AddressBook(known(1, 2)));
            Peer higher =
                    new Peer(2, 2, round, CLUSTER, incarnation(2), new AddressBook(known(1, 2)));
            running.addAll(List.of(lower, higher));
            lower.listen();
            higher.listen();
            higher.connections.start(address(2));
            lower.connections.start(address(1));
            Objects.requireNonNull(lower.connections.linkTo(id(2))).dialNow();
            pollUntil(() -> allConnected(lower, higher));
            pollFor(5_000_000);

            assertThat(lower.connections.isConnected(id(2))).isTrue();
            assertThat(higher.connections.isConnected(id(1))).isTrue();
            higher.send(1, "down");
            lower.send(2, "up");
            pollUntil(() -> lower.frames.contains("2:down") && higher.frames.contains("1:up"));
            lower.stop();
            higher.stop();
        }
    }

    @Test
    void anAddressIsForgottenOfWhoIsNotExpectedOnly() {
        AddressBook book = new AddressBook(known(1));

        assertThat(book.onHandshake(new KnownReplica(id(1), incarnation(1), 1, 0, address(5))))
                .isTrue();
        book.forget(id(1));

        assertThat(book.find(id(1))).isEqualTo(address(1));
    }

    @Test
    void hearsayIsBelievedOfALaterBootAndOfAnotherLifeOnlyByWhoHasNoConnection() {
        AddressBook book = new AddressBook(known());
        KnownReplica first = new KnownReplica(id(2), incarnation(2), 3, 0, address(2));
        KnownReplica earlier = new KnownReplica(id(2), incarnation(2), 2, 0, address(5));
        KnownReplica later = new KnownReplica(id(2), incarnation(2), 4, 0, address(6));
        KnownReplica reborn = new KnownReplica(id(2), incarnation(9), 1, 0, address(7));

        assertThat(book.onHearsay(first, false, false)).isTrue();
        assertThat(book.onHearsay(earlier, true, false)).isFalse();
        assertThat(book.onHearsay(later, false, true)).isTrue();
        assertThat(book.onHearsay(reborn, false, false)).isFalse();
        assertThat(book.onHearsay(reborn, true, true)).isFalse();
        assertThat(book.onHearsay(reborn, true, false)).isTrue();
        assertThat(book.find(id(2))).isEqualTo(address(7));
    }

    @Test
    void noMoreReplicasAreRememberedThanTheBound() {
        Peer one = start(1, 1);
        for (int i = 2; i <= 300; i++) {
            one.connections
                    .book()
                    .onHearsay(
                            new KnownReplica(id(i), incarnation(i), 1, 0, address(7)), true, false);
            var _ = one.connections.linkTo(id(i));
        }

        assertThat(one.connections.book().learned()).hasSize(AddressBook.MAX_REPLICAS);
        assertThat(one.connections.linkTo(id(300))).isNull();
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
                                + " reset, so it must not take part in this life");
    }

    /// One copy of a directory counts its boots on as the other one does.
    @Test
    void aBootThatAnotherStartHasShownIsUnsafe() {
        Peer one = start(1, 1);
        Peer two = start(2, 7);
        pollUntil(() -> allConnected(one, two));
        two.stop();

        Welcome answer = answerOf(1, ofAnotherStart(caller(2, 7, 2)), 1);

        assertThat(answer)
                .isEqualTo(
                        new Welcome.Refused(
                                Welcome.Reason.UNSAFE,
                                "replica 2 shows boot 7 a second time: its data directory was"
                                        + " replaced or reset, or there are two, so it must not take"
                                        + " part in this life"));
    }

    @Test
    void whatWasKnownOfABootBeforeThisStartCounts() {
        AddressBook book = new AddressBook(known(1, 2, 3));
        book.onHandshake(new KnownReplica(id(2), incarnation(2), 7, 0, address(2)));
        Peer one = new Peer(1, 1, 1, CLUSTER, incarnation(1), book);
        PeerLink link = Objects.requireNonNull(one.connections.linkTo(id(2)));

        assertThat(link.regression(caller(2, 6, 2))).contains("shows boot 6 after boot 7");
        assertThat(link.regression(caller(2, 7, 2))).isNull();
        assertThat(link.regression(caller(2, 8, 2))).isNull();
        assertThat(link.regression(caller(2, 1, 9))).isNull();
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

    private void pollFor(long nanos) {
        long begun = System.nanoTime();
        pollUntil(() -> System.nanoTime() - begun > nanos);
    }

    private Peer start(int id, int boot) {
        return start(id, boot, CLUSTER, incarnation(id), known(1, 2, 3));
    }

    private Peer start(
            int id,
            int boot,
            ClusterId cluster,
            Incarnation incarnation,
            SortedMap<ReplicaId, ReplicaAddress> known) {
        return start(id, id, boot, cluster, incarnation, known);
    }

    /// @param place which of the ports is its own
    private Peer start(
            int id,
            int place,
            int boot,
            ClusterId cluster,
            Incarnation incarnation,
            SortedMap<ReplicaId, ReplicaAddress> known) {
        Peer peer = new Peer(id, place, boot, cluster, incarnation, new AddressBook(known));
        running.add(peer);
        peer.listen();
        peer.connections.start(address(place));
        return peer;
    }

    private SortedMap<ReplicaId, ReplicaAddress> known(int... ids) {
        SortedMap<ReplicaId, ReplicaAddress> known = new TreeMap<>();
        for (int id : ids) {
            known.put(id(id), address(id));
        }
        return known;
    }

    private Hello.Caller.Peer caller(int id, int boot, int life) {
        return new Hello.Caller.Peer(id(id), incarnation(life), boot, 0, Epoch.FIRST, address(id));
    }

    private static Hello.Caller.Peer ofAnotherStart(Hello.Caller.Peer peer) {
        return new Hello.Caller.Peer(
                peer.id(),
                peer.incarnation(),
                peer.boot(),
                peer.start() + 1,
                peer.epoch(),
                peer.address());
    }

    @Test
    void onlyWhoGoesByTheSameKeysIsConnected() {
        Bytes keys = Bytes.wrap(new byte[32]);
        start(1, 1, CLUSTER, incarnation(1), known()).connections.goBy(keys);
        byte[] others = new byte[32];
        others[31] = 1;

        assertThat(answerOf(1, Hello.ofPeer(CLUSTER, caller(2, 1, 2), id(1), keys)))
                .isInstanceOf(Welcome.Accepted.class);
        for (Bytes wrong : List.of(Bytes.EMPTY, Bytes.wrap(others))) {
            assertThat(answerOf(1, Hello.ofPeer(CLUSTER, caller(3, 1, 3), id(1), wrong)))
                    .isInstanceOfSatisfying(
                            Welcome.Refused.class,
                            refused -> {
                                assertThat(refused.reason()).isEqualTo(Welcome.Reason.WRONG);
                                assertThat(refused.sentence())
                                        .contains("do not go by the same keys", "keys show");
                            });
        }
    }

    /// What a running replica says to somebody who dials it.
    private Welcome answerOf(int place, Hello.Caller.Peer caller, int wanted) {
        return answerOf(place, Hello.ofPeer(CLUSTER, caller, id(wanted)));
    }

    private Welcome answerOf(int place, Hello hello) {
        Answer answer = new Answer();
        FrameClient.dial(loop, "127.0.0.1", ports[place], hello, answer);
        pollUntil(() -> answer.welcome != null);
        return Objects.requireNonNull(answer.welcome);
    }

    private static final class Answer implements FrameClient.Dialled {

        private @Nullable Welcome welcome;

        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection connection, Welcome.Accepted accepted) {
            welcome = accepted;
            return null;
        }

        @Override
        public void onRefused(Welcome.Refused refusal) {
            welcome = refusal;
        }

        @Override
        public void onFailed(String why) {
            throw new AssertionError(why);
        }
    }

    private ReplicaAddress address(int place) {
        return new ReplicaAddress("127.0.0.1", ports[place], 0, 0);
    }

    private static Reign reign(int... ids) {
        List<Member> members = new ArrayList<>();
        for (int id : ids) {
            members.add(new Member(id(id), incarnation(id)));
        }
        return new Reign(
                new StopSign(
                        Epoch.FIRST, new Membership(members), FaultModel.CRASH, "leader", id(1)),
                0);
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
        private final int place;
        private final List<String> frames = new ArrayList<>();
        private final List<Member> senders = new ArrayList<>();
        private final List<String> news = new ArrayList<>();
        private final List<Long> flushed = new ArrayList<>();
        private int addressesChanged;
        private @Nullable String unsafe;
        private boolean rejectsNext;
        private @Nullable FrameServer server;

        Peer(
                int id,
                int place,
                int boot,
                ClusterId cluster,
                Incarnation incarnation,
                AddressBook book) {
            this.place = place;
            Hello.Caller.Peer self =
                    new Hello.Caller.Peer(
                            id(id), incarnation, boot, 0, Epoch.FIRST, address(place));
            connections = new PeerConnections(loop, cluster, self, 0, book, this);
            connections.onEpoch(reign(1, 2, 3));
        }

        void listen() {
            FrameServer.bind(
                    loop,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[place]),
                    connections.doorman(),
                    bound -> server = bound,
                    failed -> news.add(String.valueOf(failed)));
            pollUntil(() -> server != null);
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
        public void onPeerFrame(Member from, int group, Bytes content) {
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
            frames.add(from.id() + ":" + text);
            senders.add(from);
        }

        @Override
        public void onPeerConnected(Member peer) {
            news.add("back " + peer.id());
        }

        @Override
        public void onPeerLost(Member peer) {
            news.add("lost " + peer.id());
        }

        @Override
        public void onAddressesChanged() {
            addressesChanged++;
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
