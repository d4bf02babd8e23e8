package dev.lockstep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Consistency;
import dev.lockstep.api.LockstepException;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.RefusedException;
import dev.lockstep.api.Reply;
import dev.lockstep.api.ServiceFailureException;
import dev.lockstep.api.SessionExpiredException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.api.UnknownOutcomeException;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.net.NetworkLoop;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;

/// The client on real sockets.
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockstepClientTest {

    private static final Duration SOON = Duration.ofMillis(200);

    @Test
    void commandsAndQueriesAreAnswered() {
        try (FakeReplica replica = new FakeReplica(1);
                LockstepClient client = connect(replica)) {
            assertThat(text(client.command(utf8("x")))).isEqualTo("did x");
            assertThat(text(client.command(utf8("y"), Duration.ofDays(1_000_000))))
                    .isEqualTo("did y");
            assertThat(text(client.query(utf8("z")))).isEqualTo("saw z");
            assertThat(text(client.query(utf8("z"), Consistency.SESSION, SOON))).isEqualTo("saw z");
            assertThat(client.command(utf8("w")).toCompletableFuture().join().position())
                    .isEqualTo(3);
            assertThat(client.clusterId()).isEqualTo(FakeReplica.CLUSTER);
        }
    }

    @Test
    void closingEndsTheSessionInTheCluster() {
        try (FakeReplica replica = new FakeReplica(1)) {
            LockstepClient client = connect(replica);
            text(client.command(utf8("x")));

            client.close();
            client.close();

            assertThat(replica.heard).endsWith("close");
            assertThatFails(client.command(utf8("late")), UnavailableException.class)
                    .hasMessage("the client is closed");
            assertThatFails(client.query(utf8("late")), UnavailableException.class);
        }
    }

    @Test
    void manyThreadsManyCommandsEachAnsweredAndInTheOrderOfEachThread() throws Exception {
        try (FakeReplica replica = new FakeReplica(1);
                LockstepClient client = connect(replica)) {
            List<Thread> threads = new ArrayList<>();
            List<CompletableFuture<Reply>> replies = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int thread = t;
                threads.add(
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            for (int i = 0; i < 1_000; i++) {
                                                CompletableFuture<Reply> reply =
                                                        client.command(utf8(thread + "-" + i))
                                                                .toCompletableFuture();
                                                synchronized (replies) {
                                                    replies.add(reply);
                                                }
                                            }
                                        }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new)).join();

            for (int t = 0; t < 4; t++) {
                String prefix = " " + t + "-";
                List<String> ofThread =
                        replica.heard.stream()
                                .filter(line -> line.contains(prefix))
                                .map(line -> line.substring(line.indexOf(' ')))
                                .toList();
                List<String> issued = new ArrayList<>();
                for (int i = 0; i < 1_000; i++) {
                    issued.add(prefix + i);
                }
                assertThat(ofThread).isEqualTo(issued);
            }
        }
    }

    @Test
    void aCallbackMayCallTheClientAndCloseIt() {
        try (FakeReplica replica = new FakeReplica(1)) {
            LockstepClient client = connect(replica);
            CompletionStage<Reply> second =
                    client.command(utf8("a")).thenCompose(_ -> client.command(utf8("b")));
            assertThat(text(second)).isEqualTo("did b");

            CompletableFuture<Void> closed =
                    client.command(utf8("c")).thenAccept(_ -> client.close()).toCompletableFuture();
            closed.join();

            client.close();
            assertThatFails(client.command(utf8("d")), UnavailableException.class);
        }
    }

    @Test
    void aCallPastItsDeadlineIsUnknown() {
        try (FakeReplica replica = new FakeReplica(1);
                LockstepClient client = connect(replica)) {
            replica.silent = true;

            assertThatFails(client.command(utf8("x"), SOON), UnknownOutcomeException.class)
                    .hasMessageContaining("no reply came before the deadline");
        }
    }

    @Test
    void everyStatusHasItsException() {
        try (FakeReplica replica = new FakeReplica(1)) {
            try (LockstepClient client = connect(replica)) {
                replica.status = Status.SERVICE_FAILURE;
                assertThatFails(client.command(utf8("x")), ServiceFailureException.class)
                        .hasMessage("because");
                replica.status = Status.REFUSED;
                assertThatFails(client.command(utf8("x")), RefusedException.class);
                replica.status = Status.OVERLOADED;
                assertThatFails(client.command(utf8("x"), SOON), OverloadedException.class)
                        .hasMessageContaining("try again later (because)");
                replica.status = Status.SESSION_EXPIRED;
                assertThatFails(client.command(utf8("x")), SessionExpiredException.class)
                        .hasMessageContaining("open a new client");
                assertThat(text(client.query(utf8("z")))).isEqualTo("saw z");
            }
        }
    }

    @Test
    void aRequestThatNoClusterTakesIsRefusedWithBothSizes() {
        try (FakeReplica replica = new FakeReplica(1);
                LockstepClient client = connect(replica)) {
            assertThatFails(client.command(new byte[(32 << 20) + 1]), RefusedException.class)
                    .hasMessageContaining("33554433")
                    .hasMessageContaining("33554432");
            assertThat(text(client.command(utf8("x")))).isEqualTo("did x");
        }
    }

    @Test
    void moreThanTheConnectionHoldsIsSentBitByBitAndAgainAfterALoss() {
        try (FakeReplica second = new FakeReplica(2)) {
            FakeReplica first = new FakeReplica(1);
            first.members = List.of(first.address(), second.address());
            second.members = first.members;
            first.silent = true;
            try (LockstepClient client = connect(first)) {
                String large = "x".repeat(256 << 10);
                List<CompletableFuture<Reply>> replies = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    replies.add(client.command(utf8(i + large)).toCompletableFuture());
                }
                first.awaitHeard("50 49" + large);

                first.close();

                for (int i = 0; i < 100; i++) {
                    assertThat(text(replies.get(i)).substring(0, 6))
                            .isEqualTo(("did " + i + "xx").substring(0, 6));
                }
            }
        }
    }

    @Test
    void sessionsMayShareALoop() {
        try (FakeReplica replica = new FakeReplica(1);
                NetworkLoop loop = NetworkLoop.create()) {
            List<LoopClient> sessions = new ArrayList<>();
            List<Outcome> told = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                sessions.add(
                        LockstepClient.builder()
                                .address("127.0.0.1", replica.port())
                                .connectOn(loop));
            }
            for (LoopClient session : sessions) {
                session.command(
                        utf8("a"),
                        10_000_000_000L,
                        (outcome, position, bytes, offset, length) -> told.add(outcome));
            }
            while (told.size() < 3) {
                long wait = Long.MAX_VALUE;
                for (LoopClient session : sessions) {
                    wait = Math.min(wait, session.nanosToNextDeadline());
                }
                loop.flush();
                loop.poll(wait);
                sessions.forEach(LoopClient::advance);
            }
            sessions.forEach(LoopClient::close);

            assertThat(told).containsOnly(Outcome.OK);
        }
    }

    @Test
    void callsBeyondTheWindowFailAtOnceAndUseNothingUp() {
        try (FakeReplica replica = new FakeReplica(1);
                LockstepClient client =
                        LockstepClient.builder()
                                .address("127.0.0.1", replica.port())
                                .window(4)
                                .connect()) {
            replica.silent = true;
            for (int i = 0; i < 4; i++) {
                client.command(utf8("c" + i), Duration.ofSeconds(1));
            }

            CompletableFuture<Reply> fifth = client.command(utf8("e")).toCompletableFuture();

            assertThat(fifth).isCompletedExceptionally();
            assertThatFails(fifth, OverloadedException.class)
                    .hasMessage("the client has 4 calls in flight already, wait for replies");
        }
    }

    @Test
    void membersAreLearntAndTakeOverWhenTheEntryGoesAway() {
        try (FakeReplica second = new FakeReplica(2)) {
            FakeReplica first = new FakeReplica(1);
            first.members = List.of(first.address(), second.address());
            second.members = first.members;
            try (LockstepClient client = connect(first)) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");

                first.close();

                assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
                assertThat(second.heard).contains("2 b");
            }
        }
    }

    @Test
    void commandsInFlightAreAskedAgainWhenTheEntryGoesAway() {
        try (FakeReplica second = new FakeReplica(2)) {
            FakeReplica first = new FakeReplica(1);
            first.members = List.of(first.address(), second.address());
            second.members = first.members;
            first.silent = true;
            try (LockstepClient client = connect(first)) {
                List<CompletableFuture<Reply>> replies = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    replies.add(client.command(utf8("c" + i)).toCompletableFuture());
                }
                first.awaitHeard("100 c99");

                first.close();

                for (int i = 0; i < 100; i++) {
                    assertThat(text(replies.get(i))).isEqualTo("did c" + i);
                }
            }
        }
    }

    @Test
    void membersThatWereNotNamedAreLeftAloneIfSoWished() {
        try (FakeReplica second = new FakeReplica(2);
                FakeReplica first = new FakeReplica(1)) {
            first.members = List.of(first.address(), second.address());
            first.preferred = 2;
            try (LockstepClient client =
                    LockstepClient.builder()
                            .address("127.0.0.1", first.port())
                            .learnMembers(false)
                            .connect()) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
                assertThat(first.heard).contains("1 a");
                assertThat(second.heard).isEmpty();
            }
        }
    }

    @Test
    void adviceOnTheBestEntryIsFollowed() {
        try (FakeReplica second = new FakeReplica(2);
                FakeReplica first = new FakeReplica(1)) {
            first.members = List.of(first.address(), second.address());
            second.members = first.members;
            try (LockstepClient client = connect(first)) {
                text(client.command(utf8("a")));

                first.advise(2);

                int sent = 0;
                while (second.heard.stream().noneMatch(line -> line.contains(" b"))) {
                    assertThat(text(client.command(utf8("b" + sent)))).isEqualTo("did b" + sent);
                    sent++;
                }
                assertThat(client.entry()).isEqualTo(2);
            }
        }
    }

    @Test
    void aReplicaThatSpeaksNonsenseIsDisconnectedAndAskedAgain() {
        try (FakeReplica replica = new FakeReplica(1);
                LockstepClient client = connect(replica)) {
            text(client.command(utf8("a")));

            replica.babble();

            assertThat(text(client.command(utf8("b")))).isEqualTo("did b");
        }
    }

    @Test
    void nobodyThereIsSaidInOneSentenceThatNamesTheAddresses() throws IOException {
        int port = freePort();

        assertThatThrownBy(
                        () ->
                                LockstepClient.builder()
                                        .address("127.0.0.1", port)
                                        .connectTimeout(SOON)
                                        .connect())
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("no replica answered within 200 ms")
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("it refuses connections");
    }

    @Test
    void anotherClusterIsSaidAtOnce() {
        try (FakeReplica replica = new FakeReplica(1)) {
            assertThatThrownBy(
                            () ->
                                    LockstepClient.builder()
                                            .address("127.0.0.1", replica.port())
                                            .cluster(new ClusterId(5, 6))
                                            .connect())
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("no replica takes this client")
                    .hasMessageContaining("this is cluster");
        }
    }

    @Test
    void oneAddressThatRefusesDoesNotHideAnotherThatAnswers() {
        try (FakeReplica wrong = new FakeReplica(1);
                FakeReplica right = new FakeReplica(2)) {
            wrong.refusal = "not here";
            try (LockstepClient client =
                    LockstepClient.builder()
                            .addresses("127.0.0.1:" + wrong.port() + ", 127.0.0.1:" + right.port())
                            .connect()) {
                assertThat(text(client.command(utf8("a")))).isEqualTo("did a");
            }
        }
    }

    @Test
    void impossibleWishesAreRefusedInASentence() {
        assertThatThrownBy(() -> LockstepClient.builder().connect())
                .hasMessageContaining("name the client port of at least one replica");
        assertThatThrownBy(() -> LockstepClient.builder().addresses("localhost"))
                .hasMessage("\"localhost\" is not the address of a replica; write host:port");
        assertThatThrownBy(() -> LockstepClient.builder().deadline(Duration.ZERO))
                .hasMessage("deadline must be positive, not PT0S");
        assertThatThrownBy(
                        () -> LockstepClient.builder().address("localhost", 1).window(3).connect())
                .hasMessageContaining("a power of two up to 8192, not 3");
    }

    @Test
    void aLoopOfOnesOwnNeedsNoThread() throws Exception {
        try (FakeReplica replica = new FakeReplica(1);
                NetworkLoop loop = NetworkLoop.create()) {
            LoopClient client =
                    LockstepClient.builder().address("127.0.0.1", replica.port()).connectOn(loop);
            List<String> told = new ArrayList<>();
            CountDownLatch both = new CountDownLatch(2);
            Completion completion =
                    (outcome, position, bytes, offset, length) -> {
                        told.add(
                                outcome
                                        + " "
                                        + new String(
                                                bytes, offset, length, StandardCharsets.UTF_8));
                        both.countDown();
                    };

            client.command(utf8("a"), 1_000_000_000L, completion);
            client.query(Bytes.wrap(utf8("q")), Freshness.LOCAL, 1_000_000_000L, completion);
            while (both.getCount() > 0) {
                client.poll(Long.MAX_VALUE);
            }
            client.close();

            assertThat(told).containsExactlyInAnyOrder("OK did a", "OK saw q");
            assertThat(replica.heard).endsWith("close");
        }
    }

    private static LockstepClient connect(FakeReplica replica) {
        return LockstepClient.builder().address("127.0.0.1", replica.port()).connect();
    }

    private static String text(CompletionStage<Reply> stage) {
        return stage.toCompletableFuture().join().text();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable>
            assertThatFails(
                    CompletionStage<Reply> stage, Class<? extends LockstepException> expected) {
        return assertThatThrownBy(
                        () -> {
                            try {
                                var _ = stage.toCompletableFuture().join();
                            } catch (CompletionException e) {
                                throw e.getCause();
                            }
                        })
                .isExactlyInstanceOf(expected);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
