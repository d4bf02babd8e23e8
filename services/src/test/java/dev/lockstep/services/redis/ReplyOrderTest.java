package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Replies that wait for others, and for the client.
final class ReplyOrderTest {

    private static final int MIB = 1 << 20;

    private static void assertAskedAgainAtMost(int times, LocalPort port) {
        port.redis(redis -> assertThat(redis.room().askedAgainCount()).isLessThanOrEqualTo(times));
    }

    /// What waits behind a query can leave after it only, so it must not keep it from its room.
    @Test
    void aQueryBehindWhichMuchWaitsIsAnswered() throws IOException {
        String large = "x".repeat(3 * MIB);
        try (LocalPort port = LocalPort.start();
                RespClient client = new RespClient(port.port())) {
            client.ask("SET", "k", "v");
            port.gateway(gateway -> gateway.hold(true));
            client.send(RespClient.encode("GET", "k") + RespClient.encode("ECHO", large));
            port.await(redis -> redis.clientBytes() >= large.length());
            port.gateway(gateway -> gateway.hold(false));
            assertThat(client.read()).isEqualTo("$1\r\nv\r\n");
            assertThat(client.read()).hasSize(large.length() + 12);
            assertAskedAgainAtMost(10, port);
        }
    }

    /// There is less room than the connection's own replies would take that wait.
    @Test
    void aQueryIsAnsweredThoughItsConnectionFillsTheRoom() throws IOException {
        try (LocalPort port = LocalPort.start(0, 8 * MIB, MIB);
                RespClient client = new RespClient(port.port())) {
            client.ask("SET", "k", "x".repeat(600_000));
            port.gateway(gateway -> gateway.hold(true));
            client.send(
                    RespClient.encode("GET", "k")
                            + RespClient.encode("ECHO", "y".repeat(50_000)).repeat(20));
            port.await(redis -> redis.clientBytes() >= 150_000);
            port.gateway(gateway -> gateway.hold(false));
            assertThat(client.read()).hasSize(600_000 + 11);
            for (int i = 0; i < 20; i++) {
                assertThat(client.read()).hasSize(50_010);
            }
            assertAskedAgainAtMost(100, port);
        }
    }

    @Test
    void aQueryIsAnsweredThoughLargeRepliesCameBeforeItsOwn() throws IOException {
        String value = "x".repeat(MIB);
        try (LocalPort port = LocalPort.start();
                RespClient client = new RespClient(port.port())) {
            client.ask("SET", "large", value);
            client.send(RespClient.encode("GET", "small").repeat(100));
            for (int i = 0; i < 100; i++) {
                client.read();
            }
            port.gateway(
                    gateway -> {
                        gateway.hold(true);
                        gateway.answerBackwards();
                    });
            client.send(
                    RespClient.encode("GET", "small")
                            + RespClient.encode("GET", "large").repeat(5));
            port.await(redis -> redis.gateway().inFlight() == 6);
            port.gateway(gateway -> gateway.hold(false));
            assertThat(client.read()).isEqualTo("$-1\r\n");
            for (int i = 0; i < 5; i++) {
                assertThat(client.read()).hasSize(MIB + 12);
            }
        }
    }

    /// Reads at a steady pace until the reply is there, as over a slow line.
    private static CompletableFuture<Long> readSlowly(
            ScheduledExecutorService pace, Socket socket, long replyBytes) throws IOException {
        socket.getOutputStream()
                .write(RespClient.encode("GET", "large").getBytes(StandardCharsets.ISO_8859_1));
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 << 10];
        CompletableFuture<Long> done = new CompletableFuture<>();
        long[] read = {0};
        Runnable step =
                () -> {
                    try {
                        read[0] +=
                                in.readNBytes(
                                        buffer,
                                        0,
                                        (int) Math.min(buffer.length, replyBytes - read[0]));
                        if (read[0] == replyBytes) {
                            done.complete(read[0]);
                        }
                    } catch (IOException closed) {
                        done.completeExceptionally(closed);
                        throw new UncheckedIOException(closed);
                    }
                };
        var _ = pace.scheduleAtFixedRate(step, 0, 30, TimeUnit.MILLISECONDS);
        return done;
    }

    private static Socket connect(LocalPort port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(64 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.port()));
        return socket;
    }

    /// There is room for two of the replies, and a third is wanted.
    @Test
    void whoReadsSteadilyKeepsItsConnection() throws IOException {
        int valueBytes = 7 * MIB;
        long replyBytes = valueBytes + 12L;
        try (LogLines log = LogLines.of(RedisConnection.class);
                LocalPort port = LocalPort.start(0, 8 * MIB, 16L * MIB);
                ScheduledExecutorService pace = Executors.newScheduledThreadPool(2);
                RespClient other = new RespClient(port.port());
                Socket one = connect(port);
                Socket two = connect(port)) {
            other.ask("SET", "large", "x".repeat(valueBytes));
            CompletableFuture<Long> first = readSlowly(pace, one, replyBytes);
            CompletableFuture<Long> second = readSlowly(pace, two, replyBytes);
            port.await(redis -> redis.room().owedBytes() >= 2 * replyBytes - 6L * MIB);
            assertThat(other.ask("GET", "large")).hasSize(valueBytes + 12);
            assertThat(first.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(replyBytes);
            assertThat(second.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(replyBytes);
            pace.shutdownNow();
            assertThat(log.lines()).isEmpty();
        }
    }

    /// The service answers commands of connections that are gone.
    @Test
    void repliesOfAConnectionThatIsGoneAreFreed() throws IOException {
        byte[] reply = new byte[200_000];
        List<ByteBuf> buffers = new ArrayList<>();
        List<RedisConnection> gone = new ArrayList<>();
        try (LocalPort port = LocalPort.start();
                RespClient client = new RespClient(port.port())) {
            client.ask("SET", "k", "v");
            port.redis(redis -> gone.addAll(redis.connections()));
            port.redis(redis -> gone.getFirst().close());
            port.await(redis -> !gone.getFirst().channel().isRegistered());
            port.redis(
                    redis -> {
                        for (int i = 0; i < 3; i++) {
                            gone.getFirst()
                                    .reply(
                                            out -> {
                                                buffers.add(out.buffer());
                                                out.raw(reply, 0, reply.length);
                                            });
                        }
                    });
            port.redis(
                    redis ->
                            assertThat(buffers)
                                    .hasSize(3)
                                    .allMatch(buffer -> buffer.refCnt() == 0));
        }
    }
}
