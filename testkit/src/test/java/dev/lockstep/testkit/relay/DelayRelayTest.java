package dev.lockstep.testkit.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

@Timeout(120)
class DelayRelayTest {

    private static final Duration WAY = Duration.ofMillis(40);

    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private DelayRelay relay(Duration delay, Duration jitter) throws IOException {
        return DelayRelay.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
                delay,
                jitter,
                7);
    }

    private static Socket dial(DelayRelay relay) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port());
        socket.setTcpNoDelay(true);
        return socket;
    }

    @Test
    void eachWayTakesItsTime() throws IOException {
        try (DelayRelay relay = relay(WAY, Duration.ZERO);
                Socket near = dial(relay);
                Socket far = server.accept()) {
            for (int i = 0; i < 5; i++) {
                long begun = System.nanoTime();
                near.getOutputStream().write(i);
                assertThat(far.getInputStream().read()).isEqualTo(i);
                long there = System.nanoTime();
                far.getOutputStream().write(i);
                assertThat(near.getInputStream().read()).isEqualTo(i);
                long back = System.nanoTime();
                assertThat(there - begun).isGreaterThanOrEqualTo(WAY.toNanos());
                assertThat(back - there).isGreaterThanOrEqualTo(WAY.toNanos());
            }
        }
    }

    /// One piece after the other, each waiting for the one before, would take 40 s.
    @Test
    void theWayIsLongAndNotNarrow() throws Exception {
        byte[] sent = new byte[64 << 20];
        new Random(3).nextBytes(sent);
        try (DelayRelay relay = relay(WAY, Duration.ZERO);
                Socket near = dial(relay);
                Socket far = server.accept()) {
            long begun = System.nanoTime();
            Thread writing =
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        try {
                                            OutputStream out = near.getOutputStream();
                                            out.write(sent);
                                            near.shutdownOutput();
                                        } catch (IOException e) {
                                            throw new IllegalStateException(e);
                                        }
                                    });
            assertThat(far.getInputStream().readAllBytes()).isEqualTo(sent);
            assertThat(System.nanoTime() - begun).isLessThan(20_000_000_000L);
            writing.join();
        }
    }

    @Test
    void jitterKeepsTheOrder() throws IOException {
        try (DelayRelay relay = relay(Duration.ZERO, Duration.ofMillis(3));
                Socket near = dial(relay);
                Socket far = server.accept()) {
            OutputStream out = near.getOutputStream();
            for (int i = 0; i < 200; i++) {
                out.write(i);
                LockSupport.parkNanos(100_000);
            }
            InputStream in = far.getInputStream();
            for (int i = 0; i < 200; i++) {
                assertThat(in.read()).isEqualTo(i);
            }
        }
    }

    @Test
    void anEndArrivesAsLateAsEverythingElseAndTheOtherDirectionGoesOn() throws IOException {
        try (DelayRelay relay = relay(WAY, Duration.ZERO);
                Socket near = dial(relay);
                Socket far = server.accept()) {
            long begun = System.nanoTime();
            near.getOutputStream().write(1);
            near.shutdownOutput();
            assertThat(far.getInputStream().readAllBytes()).containsExactly(1);
            assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(WAY.toNanos());
            assertThat(relay.connections()).isEqualTo(1);
            far.getOutputStream().write(2);
            far.shutdownOutput();
            assertThat(near.getInputStream().readAllBytes()).containsExactly(2);
            awaitNone(relay);
        }
    }

    @Test
    void whoeverDialsWhereNobodyListensIsDisconnected() throws IOException {
        try (DelayRelay relay = relay(WAY, Duration.ZERO)) {
            server.close();
            try (Socket near = dial(relay)) {
                assertThat(near.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(relay.connections()).isZero();
        }
    }

    @Test
    void closingItClosesBothEnds() throws IOException {
        DelayRelay relay = relay(WAY, Duration.ZERO);
        try (Socket near = dial(relay);
                Socket far = server.accept()) {
            relay.close();
            assertThat(hasEnded(near)).isTrue();
            assertThat(hasEnded(far)).isTrue();
            assertThat(relay.connections()).isZero();
            assertThatThrownBy(() -> dial(relay)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void timeDoesNotRunBackwards() {
        assertThatThrownBy(() -> relay(Duration.ofMillis(-1), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be negative");
    }

    private static boolean hasEnded(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void awaitNone(DelayRelay relay) {
        long begun = System.nanoTime();
        while (relay.connections() > 0) {
            assertThat(System.nanoTime() - begun).isLessThan(30_000_000_000L);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
