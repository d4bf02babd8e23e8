package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/// What a caller gets that is not welcome, or that says what cannot be, or that does not listen.
@ParameterizedClass
@ValueSource(booleans = {true, false})
class FrameServerTest {

    private static final ClusterId CLUSTER = new ClusterId(1, 2);
    private static final ConnectionOptions OPTIONS = ConnectionOptions.forClients(1 << 20);
    private static final long DEADLINE_NANOS = 20_000_000_000L;

    private final NetworkLoop loop;
    private final List<FrameConnection> accepted = new ArrayList<>();
    private final List<FrameConnection> ended = new ArrayList<>();
    private final List<String> echoed = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private @Nullable FrameServer server;

    FrameServerTest(boolean best) {
        loop = best ? NetworkLoop.create() : NetworkLoop.withNio();
    }

    @BeforeEach
    void listen() {
        log.start();
        netLog().addAppender(log);
        FrameServer.bind(
                loop,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new Porter(),
                bound -> server = bound,
                failed -> echoed.add(String.valueOf(failed)));
        pollUntil(() -> server != null);
    }

    @AfterEach
    void close() {
        netLog().detachAppender(log);
        loop.close();
    }

    @Test
    void aCallerThatSpeaksNoCommonVersionIsToldSo() {
        Caller caller = dial(new Hello(7, 9, CLUSTER, new Hello.Caller.User()));

        pollUntil(() -> caller.outcome != null);

        assertThat(caller.outcome)
                .isEqualTo(
                        "WRONG: the caller speaks wire versions 7 to 9, this replica speaks 3; run"
                                + " versions of Lockstep that have one in common");
        assertThat(accepted).isEmpty();
    }

    @Test
    void theDoormansRefusalReachesTheCaller() {
        Caller caller = dial(Hello.ofClient(new ClusterId(3, 4)));

        pollUntil(() -> caller.outcome != null);

        assertThat(caller.outcome).isEqualTo("WRONG: not here");
    }

    @Test
    void anotherProtocolIsDisconnectedWithOneLogLineAndOthersLiveOn() throws IOException {
        Caller caller = dial(Hello.ofClient(CLUSTER));
        pollUntil(() -> "welcome".equals(caller.outcome));

        try (Socket browser = connect()) {
            browser.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            pollUntilEnd(browser);
        }

        assertThat(log.list).hasSize(1);
        assertThat(log.list.getFirst().getFormattedMessage())
                .startsWith("closing the connection of /127.0.0.1:")
                .endsWith(": a frame claims 542393671 bytes, at most 16389 are allowed");
        caller.send("still here");
        pollUntil(() -> caller.replies.contains("still here"));
        assertThat(ended).isEmpty();
    }

    @Test
    void aMalformedFrameClosesItsConnectionOnly() {
        Caller good = dial(Hello.ofClient(CLUSTER));
        Caller bad = dial(Hello.ofClient(CLUSTER));
        pollUntil(() -> accepted.size() == 2 && bad.connection != null);

        bad.send("malformed");
        pollUntil(() -> ended.size() == 1);

        assertThat(log.list).hasSize(1);
        good.send("still here");
        pollUntil(() -> good.replies.contains("still here"));
    }

    @Test
    void aFrameBeforeTheGreetingIsMalformed() throws IOException {
        try (Socket caller = connect()) {
            caller.getOutputStream().write(new byte[] {5, 0, 0, 0, 17, 0, 0, 0, 0});
            pollUntilEnd(caller);
        }
        assertThat(log.list).hasSize(1);
        assertThat(log.list.getFirst().getFormattedMessage())
                .endsWith("the first frame is a greeting, not of kind 17");
    }

    @Test
    void aCallerThatDoesNotReadIsNotReadFrom() {
        Caller caller = dial(Hello.ofClient(CLUSTER));
        pollUntil(() -> caller.connection != null);
        FrameConnection served = accepted.getFirst();
        byte[] half = new byte[512 << 10];

        caller.deaf = true;
        for (int i = 0; i < 40; i++) {
            caller.sendBytes(half);
        }
        long served0 = -1;
        while (served0 != served.pendingBytes() || served0 == 0) {
            served0 = served.pendingBytes();
            for (int i = 0; i < 200; i++) {
                loop.flush();
                loop.poll(100_000);
            }
        }
        assertThat(served.pendingBytes()).isLessThan(OPTIONS.pauseBytes() + (2 << 20));
        assertThat(echoed.size()).isLessThan(40);

        caller.hear();
        pollUntil(() -> caller.replies.size() == 40);
    }

    @Test
    void whatAHandlerThrowsReachesTheOwnerOfTheLoop() {
        Caller caller = dial(Hello.ofClient(CLUSTER));
        pollUntil(() -> caller.connection != null);

        caller.send("broken");

        assertThatThrownBy(() -> pollUntil(() -> caller.connection == null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a broken invariant");
    }

    private Caller dial(Hello hello) {
        Caller caller = new Caller();
        FrameServer bound = Objects.requireNonNull(server);
        FrameClient.dial(loop, "127.0.0.1", bound.port(), hello, caller);
        return caller;
    }

    private Socket connect() throws IOException {
        FrameServer bound = Objects.requireNonNull(server);
        return new Socket(InetAddress.getLoopbackAddress(), bound.port());
    }

    private void pollUntilEnd(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        InputStream in = socket.getInputStream();
        pollUntil(
                () -> {
                    try {
                        return in.read() < 0;
                    } catch (SocketTimeoutException e) {
                        return false;
                    } catch (IOException e) {
                        return true;
                    }
                });
    }

    private void pollUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            loop.flush();
            loop.poll(1_000_000);
        }
    }

    private static Logger netLog() {
        return (Logger) LoggerFactory.getLogger("dev.lockstep.net");
    }

    /// Lets in clients of the right cluster and echoes what they send.
    private final class Porter implements FrameServer.Doorman, FrameHandler {

        @Override
        public FrameServer.Verdict onHello(FrameConnection connection, Hello hello) {
            if (!CLUSTER.equals(hello.clusterId())) {
                return new FrameServer.Verdict.Refuse(Welcome.Reason.WRONG, "not here");
            }
            return new FrameServer.Verdict.Accept(
                    new Welcome.Accepted(
                            Hello.WIRE_VERSION,
                            CLUSTER,
                            new Hello.Caller.Peer(
                                    new ReplicaId(1),
                                    new Incarnation(1, 1),
                                    1,
                                    0,
                                    Epoch.FIRST,
                                    new ReplicaAddress("127.0.0.1", 1, 0, 0)),
                            0,
                            List.of()),
                    this,
                    OPTIONS,
                    () -> accepted.add(connection));
        }

        @Override
        public void onFrame(
                FrameConnection connection,
                int kind,
                int group,
                byte[] bytes,
                int offset,
                int length) {
            String text =
                    length > 100
                            ? length + " bytes"
                            : new String(bytes, offset, length, StandardCharsets.UTF_8);
            if (text.equals("malformed")) {
                throw new MalformedException("as it says");
            }
            if (text.equals("broken")) {
                throw new IllegalStateException("a broken invariant");
            }
            echoed.add(text);
            connection.send(FrameKind.REPLY, group, bytes, offset, length, new byte[0], 0, 0);
        }

        @Override
        public void onClosed(FrameConnection connection) {
            ended.add(connection);
        }
    }

    private static final class Caller implements FrameClient.Dialled, FrameHandler {

        private final List<String> replies = new ArrayList<>();
        private @Nullable FrameConnection connection;
        private @Nullable String outcome;
        private boolean deaf;

        void send(String text) {
            sendBytes(text.getBytes(StandardCharsets.UTF_8));
        }

        void sendBytes(byte[] bytes) {
            FrameConnection mine = Objects.requireNonNull(connection);
            assertThat(mine.send(FrameKind.COMMAND, 0, Bytes.wrap(bytes), Bytes.EMPTY)).isTrue();
            if (deaf) {
                mine.stopReading(true);
            }
        }

        void hear() {
            FrameConnection mine = Objects.requireNonNull(connection);
            deaf = false;
            mine.stopReading(false);
        }

        @Override
        public FrameClient.Reception onWelcome(FrameConnection fresh, Welcome.Accepted welcome) {
            connection = fresh;
            outcome = "welcome";
            return new FrameClient.Reception(
                    this, new ConnectionOptions(2 << 20, Long.MAX_VALUE, Long.MAX_VALUE));
        }

        @Override
        public void onRefused(Welcome.Refused refusal) {
            outcome = refusal.reason() + ": " + refusal.sentence();
        }

        @Override
        public void onFailed(String why) {
            outcome = why;
        }

        @Override
        public void onFrame(
                FrameConnection from, int kind, int group, byte[] bytes, int offset, int length) {
            replies.add(
                    length > 100
                            ? length + " bytes"
                            : new String(bytes, offset, length, StandardCharsets.UTF_8));
        }

        @Override
        public void onClosed(FrameConnection from) {
            connection = null;
        }
    }
}
