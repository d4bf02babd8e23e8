package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.services.redis.PendingReply.Kind;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Connections that ask for more than the cluster can do take their share and no more. Counts, not
/// times: what lies between a client and its reply.
final class FloodTest {

    private static final int FLOODERS = 20;
    private static final int VALUE_BYTES = 1000;

    /// As many commands of that size as may be under way.
    private static final int MOST_COMMANDS =
            ((4 << 20) + 1024 * Outstanding.COMMAND_BYTES) / VALUE_BYTES;

    private static void send(RespClient client, String requests) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                while (true) {
                                    client.send(requests);
                                }
                            } catch (IOException closed) {
                                // The test is over.
                            }
                        });
    }

    private static void drain(RespClient client) {
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                client.readToEnd();
                            } catch (IOException closed) {
                                // The test is over.
                            }
                        });
    }

    private static List<RespClient> flood(LocalPort port, String requests) throws IOException {
        List<RespClient> flooders = new ArrayList<>();
        for (int i = 0; i < FLOODERS; i++) {
            RespClient flooder = new RespClient(port.port());
            flooders.add(flooder);
            drain(flooder);
            send(flooder, requests);
        }
        return flooders;
    }

    /// True once every flooder has as much under way as it may.
    private static boolean allWait(RedisPort port) {
        return port.connections().stream().filter(RedisConnection::isWaiting).count() == FLOODERS;
    }

    private static void closeAll(List<RespClient> clients) throws IOException {
        for (RespClient client : clients) {
            client.close();
        }
    }

    @Test
    void noMoreWritesAreUnderWayThanTheirShare() throws IOException {
        String write = RespClient.encode("SET", "flood", "x".repeat(VALUE_BYTES));
        try (LocalPort port = LocalPort.start();
                RespClient small = new RespClient(port.port())) {
            small.ask("SET", "k", "v");
            port.gateway(gateway -> gateway.hold(true));
            List<RespClient> flooders = flood(port, write.repeat(100));
            try {
                port.await(FloodTest::allWait);
                int[] before = new int[1];
                port.redis(redis -> before[0] = redis.gateway().inFlight());
                assertThat(before[0]).isLessThan(MOST_COMMANDS);
                small.send(RespClient.encode("SET", "k", "v2"));
                port.await(redis -> redis.gateway().inFlight() > before[0]);
                port.gateway(gateway -> gateway.hold(false));
                assertThat(small.read()).isEqualTo("+OK\r\n");
            } finally {
                closeAll(flooders);
            }
        }
    }

    @Test
    void aSmallClientHasNoMoreBeforeItThanOneShare() throws IOException {
        String write = RespClient.encode("SET", "flood", "x".repeat(VALUE_BYTES));
        try (LocalPort port = LocalPort.start();
                RespClient small = new RespClient(port.port())) {
            List<RespClient> flooders = flood(port, write.repeat(100));
            try {
                port.await(redis -> redis.gateway().inFlight() > MOST_COMMANDS / 2);
                for (int i = 0; i < 20; i++) {
                    String value = "small" + i;
                    port.gateway(gateway -> gateway.hold(true));
                    small.send(RespClient.encode("SET", "k", value));
                    int[] before = {-1};
                    port.await(redis -> (before[0] = port.before(value)) >= 0);
                    assertThat(before[0]).isLessThan(MOST_COMMANDS);
                    port.gateway(gateway -> gateway.hold(false));
                    assertThat(small.read()).isEqualTo("+OK\r\n");
                    assertThat(small.ask("GET", "k")).endsWith(value + "\r\n");
                    assertThat(small.ask("PING")).isEqualTo("+PONG\r\n");
                }
            } finally {
                closeAll(flooders);
            }
        }
    }

    /// However much more the first of them had under way before the others came.
    @Test
    void floodersShareAlike() throws IOException {
        try (LocalPort port = LocalPort.start();
                RespClient reader = new RespClient(port.port())) {
            List<RespClient> flooders = new ArrayList<>();
            try {
                for (int i = 0; i < FLOODERS; i++) {
                    RespClient flooder = new RespClient(port.port());
                    flooders.add(flooder);
                    drain(flooder);
                    send(flooder, RespClient.encode("APPEND", "f" + i, "x".repeat(99)).repeat(100));
                }
                port.await(redis -> port.executedCommands() > 20_000);
                int[] before = lengths(reader);
                port.await(redis -> port.executedCommands() > 60_000);
                int[] after = lengths(reader);
                int least = Integer.MAX_VALUE;
                int most = 0;
                for (int i = 0; i < FLOODERS; i++) {
                    least = Math.min(least, after[i] - before[i]);
                    most = Math.max(most, after[i] - before[i]);
                }
                assertThat(least).isGreaterThan(most / 2);
            } finally {
                closeAll(flooders);
            }
        }
    }

    private static int[] lengths(RespClient reader) throws IOException {
        int[] lengths = new int[FLOODERS];
        for (int i = 0; i < FLOODERS; i++) {
            lengths[i] = Integer.parseInt(reader.ask("STRLEN", "f" + i).substring(1).trim());
        }
        return lengths;
    }

    /// Each of these connections has learned that replies are small, and none asks for more than is
    /// usual.
    @Test
    void manyConnectionsTogetherDoNotAskForManyLargeRepliesAtOnce() throws IOException {
        String transaction =
                RespClient.encode("MULTI")
                        + RespClient.encode("GET", "k").repeat(8)
                        + RespClient.encode("EXEC");
        try (LocalPort port = LocalPort.start();
                RespClient small = new RespClient(port.port())) {
            small.ask("SET", "k", "small");
            List<RespClient> flooders = flood(port, transaction.repeat(10));
            try {
                // Until each has had so many replies that it may ask for many more.
                port.await(redis -> port.executedCommands() > 100 * FLOODERS);
                port.gateway(gateway -> gateway.hold(true));
                port.await(FloodTest::allWait);
                port.redis(
                        redis -> {
                            assertThat(redis.gateway().inFlight())
                                    .isBetween(2, ValueWindow.MOST_COMMANDS / 8);
                            assertThat(redis.values(Kind.COMMAND).share().taken())
                                    .isLessThanOrEqualTo(ValueWindow.MOST_COMMANDS);
                        });
                port.gateway(gateway -> gateway.hold(false));
                assertThat(small.ask("SET", "k", "x".repeat(ValueWindow.LARGE_BYTES / 8)))
                        .isEqualTo("+OK\r\n");
                port.await(redis -> redis.values(Kind.COMMAND).share().most() == ValueWindow.LEAST);
                // What was under way before has gone by.
                small.ask("SET", "k", "x".repeat(ValueWindow.LARGE_BYTES / 8));
                port.gateway(gateway -> gateway.hold(true));
                port.await(FloodTest::allWait);
                int[] before = new int[1];
                port.redis(
                        redis -> {
                            before[0] = redis.gateway().inFlight();
                            assertThat(before[0]).isLessThanOrEqualTo(ValueWindow.LEAST / 8);
                        });
                small.send(RespClient.encode("GET", "other"));
                port.await(redis -> redis.gateway().inFlight() > before[0]);
                port.gateway(gateway -> gateway.hold(false));
                assertThat(small.read()).isEqualTo("$-1\r\n");
            } finally {
                closeAll(flooders);
            }
        }
    }

    @Test
    void requestsCountByWhatTheyMayBring() {
        PortTable table = new PortTable();
        assertThat(weight(table, "GET", "k")).isEqualTo(1);
        assertThat(weight(table, "SET", "k", "v")).isZero();
        assertThat(weight(table, "SET", "k", "v", "GET")).isEqualTo(1);
        assertThat(weight(table, "SET", "k", "v", "EX", "60", "get")).isEqualTo(1);
        assertThat(weight(table, "SET", "k", "GET", "EX", "60")).isZero();
        assertThat(weight(table, "SET", "k", "v", "NX", "PX", "500")).isZero();
        assertThat(weight(table, "TTL", "k")).isZero();
        assertThat(weight(table, "MGET", "a", "b", "c")).isEqualTo(3);
        assertThat(weight(table, "MGET", "1", "2", "3", "4", "5", "6", "7", "8", "9")).isEqualTo(8);
        assertThat(weight(table, "GETRANGE", "k", "0", "99")).isZero();
        assertThat(weight(table, "GETRANGE", "k", "0", "-1")).isEqualTo(1);
        assertThat(weight(table, "GETRANGE", "k", "0", "4096")).isEqualTo(1);
        assertThat(weight(table, "GETRANGE", "k", "0", "1x")).isEqualTo(1);
        Transaction transaction = new Transaction();
        for (int i = 0; i < 3; i++) {
            transaction.queue(command(table, "GET"), words("GET", "k"));
            transaction.queue(command(table, "SET"), words("SET", "k", "v"));
        }
        assertThat(transaction.weight()).isEqualTo(3);
        for (int i = 0; i < 20; i++) {
            transaction.queue(command(table, "GET"), words("GET", "k"));
        }
        assertThat(transaction.weight()).isEqualTo(8);
        transaction.reset();
        assertThat(transaction.weight()).isZero();
    }

    private static int weight(PortTable table, String... words) {
        return command(table, words[0]).weight(words(words));
    }

    private static PortCommand command(PortTable table, String name) {
        PortCommand command = table.find(words(name), 0);
        if (command == null) {
            throw new AssertionError(name);
        }
        return command;
    }

    private static Words words(String... texts) {
        byte[] all = String.join("", texts).getBytes(StandardCharsets.US_ASCII);
        Words words = new Words();
        words.reset(all);
        int at = 0;
        for (String text : texts) {
            words.add(at, text.length());
            at += text.length();
        }
        return words;
    }
}
