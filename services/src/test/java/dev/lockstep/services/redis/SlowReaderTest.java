package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.node.EmbeddedCluster;
import dev.lockstep.node.Lockstep;
import dev.lockstep.services.kv.KvStateMachine;

import io.netty.buffer.PooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Clients that ask for much and read nothing, on purpose or because they hang.
final class SlowReaderTest {

    private static final int VALUE_BYTES = 1 << 20;
    private static final int READS = 4_000;
    private static final int ATTACKERS = 50;

    /// What a connection may hold: see [ReplyDebt].
    private static final long CONNECTION_BYTES = ReplyDebt.MOST_HELD_BYTES + VALUE_BYTES + 1_000;

    /// What others may wait for while room is made.
    private static final long PATIENCE_NANOS = 15_000_000_000L;

    private static final String VALUE = "x".repeat(VALUE_BYTES);

    private static long bufferBytes() {
        var metric = PooledByteBufAllocator.DEFAULT.metric();
        return metric.usedDirectMemory() + metric.usedHeapMemory();
    }

    /// Lets the port expect small replies, then asks for a great many large ones, without reading.
    private static RespClient attacker(int port) throws IOException {
        RespClient attacker = new RespClient(port);
        attacker.send(RespClient.encode("GET", "small").repeat(500));
        for (int i = 0; i < 500; i++) {
            attacker.read();
        }
        Thread.ofVirtual()
                .start(
                        () -> {
                            try {
                                attacker.send(RespClient.encode("GET", "large").repeat(READS));
                            } catch (IOException closed) {
                                // The port closes it, or the test does.
                            }
                        });
        return attacker;
    }

    private static void closeAll(List<RespClient> clients) throws IOException {
        for (RespClient client : clients) {
            client.close();
        }
    }

    /// Another client reads and writes, small and large, and never waits for long.
    ///
    /// @return the most bytes that replies and requests were seen to take
    private static long serve(int port, int rounds) throws IOException {
        long most = 0;
        try (RespClient client = new RespClient(port)) {
            for (int i = 0; i < rounds; i++) {
                long begin = System.nanoTime();
                assertThat(client.ask("SET", "k", "v" + i)).isEqualTo("+OK\r\n");
                assertThat(client.ask("GET", "k")).isEqualTo("$%d\r\nv%d\r\n", 1 + length(i), i);
                if (i % 10 == 0) {
                    assertThat(client.ask("GET", "large")).hasSize(VALUE_BYTES + 12);
                }
                assertThat(System.nanoTime() - begin).as("round %d", i).isLessThan(PATIENCE_NANOS);
                String info = client.ask("INFO", "memory");
                String bytes = info.replaceAll("(?s).*mem_clients_normal:(\\d+).*", "$1");
                most = Math.max(most, Long.parseLong(bytes));
            }
        }
        return most;
    }

    private static int length(int number) {
        return Integer.toString(number).length();
    }

    @Test
    void slowReadersTakeNoMoreThanTheirShare() throws IOException {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, KvStateMachine::new)) {
            cluster.leader();
            int port = cluster.node(2).gatewayPort("redis");
            try (RespClient client = new RespClient(port)) {
                assertThat(client.ask("SET", "large", VALUE)).isEqualTo("+OK\r\n");
                assertThat(client.ask("SET", "small", "v")).isEqualTo("+OK\r\n");
            }
            List<RespClient> attackers = new ArrayList<>();
            try {
                attackers.add(attacker(port));
                long before = bufferBytes();
                assertThat(serve(port, 100)).isLessThan(3 * CONNECTION_BYTES);
                while (attackers.size() < ATTACKERS) {
                    attackers.add(attacker(port));
                }
                assertThat(serve(port, 200)).isLessThan((ATTACKERS + 2) * CONNECTION_BYTES);
                assertThat(bufferBytes() - before)
                        .isLessThan(2 * (ATTACKERS + 2) * CONNECTION_BYTES);
            } finally {
                closeAll(attackers);
            }
        }
    }

    /// There is less room than the attackers' shares are together.
    @Test
    void slowReadersAreClosedWhenOthersNeedTheRoom() throws IOException {
        long room = 16L << 20;
        try (LogLines log = LogLines.of(RedisConnection.class);
                LocalPort port = LocalPort.start(0, 8 << 20, room)) {
            try (RespClient client = new RespClient(port.port())) {
                assertThat(client.ask("SET", "large", VALUE)).isEqualTo("+OK\r\n");
                assertThat(client.ask("SET", "small", "v")).isEqualTo("+OK\r\n");
            }
            List<RespClient> attackers = new ArrayList<>();
            try {
                while (attackers.size() < ATTACKERS) {
                    attackers.add(attacker(port.port()));
                }
                serve(port.port(), 200);
                assertThat(log.lines())
                        .anyMatch(line -> line.contains("others need the room"))
                        .allMatch(
                                line ->
                                        line.matches(
                                                ".*its socket took \\d{1,5} of them in the last \\d{4,} ms.*"));
            } finally {
                closeAll(attackers);
            }
            assertThat(port.mostOwedBytes()).isGreaterThan(room / 2).isLessThanOrEqualTo(room);
        }
    }

    /// Queries whose replies find no room are asked again, and what a client sees still goes
    /// forward only.
    @Test
    void readersSeeEveryReplyInOrder() throws IOException {
        int rounds = 100;
        int readsPerRound = 60;
        try (LocalPort port = LocalPort.start(0, 8 << 20, 4L << 20);
                RespClient reader = new RespClient(port.port());
                RespClient writer = new RespClient(port.port())) {
            port.gateway(gateway -> gateway.enlargeSomeReplies(8 << 20));
            writer.ask("SET", "k", "0");
            int last = 0;
            for (int i = 0; i < rounds; i++) {
                reader.send(RespClient.encode("GET", "k").repeat(readsPerRound));
                writer.send(RespClient.encode("INCR", "k").repeat(readsPerRound));
                for (int j = 0; j < readsPerRound; j++) {
                    String reply = reader.read();
                    assertThat(reply).startsWith("$");
                    int value = Integer.parseInt(reply.split("\r\n", -1)[1]);
                    assertThat(value).isGreaterThanOrEqualTo(last);
                    last = value;
                    writer.read();
                }
            }
            assertThat(writer.ask("INFO", "lockstep")).containsPattern("queries_asked_again:[1-9]");
        }
    }

    /// A connection that reads at its own pace gets whatever it has asked for.
    @Test
    void readersThatReadGetEveryReply() throws IOException {
        int reads = 50;
        try (LocalPort port = LocalPort.start(0, 8 << 20, 4L << 20);
                RespClient reader = new RespClient(port.port())) {
            assertThat(reader.ask("SET", "large", VALUE)).isEqualTo("+OK\r\n");
            reader.send(RespClient.encode("GET", "small").repeat(500));
            reader.send(RespClient.encode("GET", "large").repeat(reads));
            for (int i = 0; i < 500; i++) {
                assertThat(reader.read()).isEqualTo("$-1\r\n");
            }
            for (int i = 0; i < reads; i++) {
                assertThat(reader.read()).hasSize(VALUE_BYTES + 12);
            }
            assertThat(port.mostOwedBytes()).isLessThanOrEqualTo(4L << 20);
        }
    }

    /// A command's reply that finds no room cannot be asked for again.
    @Test
    void aCommandWhoseReplyFindsNoRoomSaysSo() throws IOException {
        try (LocalPort port = LocalPort.start(0, 8 << 20, 4L << 20);
                RespClient client = new RespClient(port.port())) {
            client.ask("SET", "k", "small");
            client.send(RespClient.encode("GETEX", "k").repeat(100));
            for (int i = 0; i < 100; i++) {
                client.read();
            }
            client.ask("SET", "k", VALUE);
            client.send(RespClient.encode("GETEX", "k").repeat(20));
            int large = 0;
            for (int i = 0; i < 20; i++) {
                String reply = client.read();
                if (reply.startsWith("-")) {
                    assertThat(reply).startsWith("-UNKNOWN ").contains("found no room");
                } else {
                    assertThat(reply).hasSize(VALUE_BYTES + 12);
                    large++;
                }
            }
            assertThat(large).isBetween(1, 19);
        }
    }

    /// That such replies are short when told does not make them cheap.
    @Test
    void repliesThatWereTooLargeAreNotAskedForManyAtOnce() throws IOException {
        String transaction =
                RespClient.encode("MULTI")
                        + RespClient.encode("GET", "k").repeat(20)
                        + RespClient.encode("EXEC");
        try (LocalPort port = LocalPort.start();
                RespClient client = new RespClient(port.port())) {
            client.ask("SET", "k", "small");
            client.send(RespClient.encode("GETEX", "k").repeat(100));
            for (int i = 0; i < 100; i++) {
                client.read();
            }
            client.ask("SET", "k", VALUE);
            client.send(transaction);
            for (int i = 0; i < 21; i++) {
                client.read();
            }
            assertThat(client.read()).startsWith("-ERR the reply has at least ");
            port.gateway(gateway -> gateway.hold(true));
            client.send(transaction.repeat(5));
            port.await(redis -> redis.gateway().inFlight() > 0);
            try (RespClient other = new RespClient(port.port())) {
                for (int i = 0; i < 100; i++) {
                    other.ask("PING");
                    port.redis(redis -> assertThat(redis.gateway().inFlight()).isEqualTo(1));
                }
            }
            port.gateway(gateway -> gateway.hold(false));
            for (int i = 0; i < 5; i++) {
                for (int j = 0; j < 21; j++) {
                    assertThat(client.read()).startsWith("+");
                }
                assertThat(client.read()).startsWith("-ERR the reply has at least ");
            }
        }
    }

    @Test
    void aTransactionOfManyLargeRepliesIsCutShort() throws IOException {
        int most = 100_000;
        try (LocalPort port = LocalPort.start(0, most);
                RespClient client = new RespClient(port.port())) {
            client.ask("MULTI");
            client.send(RespClient.encode("COMMAND").repeat(500));
            for (int i = 0; i < 500; i++) {
                assertThat(client.read()).isEqualTo("+QUEUED\r\n");
            }
            String reply = client.ask("EXEC");
            assertThat(reply).startsWith("*500\r\n").contains("-ERR not executed: the replies");
            assertThat(reply.length()).isLessThan(3 * most);
        }
    }

    @Test
    void floodsOfLargeWritesAreTakenAsTheClusterTakesThem() throws IOException {
        int writes = 6;
        try (EmbeddedCluster cluster = Lockstep.embedded(1, KvStateMachine::new)) {
            cluster.leader();
            int port = cluster.node(1).gatewayPort("redis");
            try (RespClient client = new RespClient(port)) {
                client.ask("SET", "large", VALUE);
            }
            List<RespClient> flooders = new ArrayList<>();
            try {
                for (int i = 0; i < ATTACKERS; i++) {
                    RespClient flooder = new RespClient(port);
                    flooders.add(flooder);
                    String request = RespClient.encode("SET", "flood" + i, VALUE);
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            for (int j = 0; j < writes; j++) {
                                                flooder.send(request);
                                            }
                                        } catch (IOException closed) {
                                            // The test is over.
                                        }
                                    });
                }
                long requestBytes = 2 * ATTACKERS * (VALUE_BYTES + 100L);
                assertThat(serve(port, 100)).isLessThan(requestBytes);
                int taken = 0;
                for (RespClient flooder : flooders) {
                    for (int j = 0; j < writes; j++) {
                        String reply = flooder.read();
                        taken += reply.equals("+OK\r\n") ? 1 : 0;
                        assertThat(reply).matches("(?s)[+]OK.*|-OVERLOADED .* in flight .*");
                    }
                }
                assertThat(taken).isGreaterThan(ATTACKERS);
            } finally {
                closeAll(flooders);
            }
        }
    }
}
