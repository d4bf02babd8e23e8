package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.wire.ClientReply;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

final class RedisPortTest {

    private static final int MAX_REQUEST_BYTES = 100_000;

    private final LocalPort port = LocalPort.start(0, MAX_REQUEST_BYTES);

    @AfterEach
    void stop() {
        port.close();
    }

    private static String bulk(String value) {
        return "$" + value.length() + "\r\n" + value + "\r\n";
    }

    /// The gateway runs queries when it likes; a client still sees its own order.
    @Test
    void aPipelineIsExecutedInOrder() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        try (RespClient client = new RespClient(port.port())) {
            StringBuilder requests = new StringBuilder();
            List<String> expected = new ArrayList<>();
            String held = "$-1\r\n";
            for (int i = 0; i < 5_000; i++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        requests.append(RespClient.encode("SET", "k", "v" + i));
                        held = bulk("v" + i);
                        expected.add("+OK\r\n");
                    }
                    case 2, 3 -> {
                        requests.append(RespClient.encode("GET", "k"));
                        expected.add(held);
                    }
                    case 4 -> {
                        requests.append(RespClient.encode("ECHO", "e" + i));
                        expected.add(bulk("e" + i));
                    }
                    default -> {
                        requests.append(RespClient.encode("MULTI"))
                                .append(RespClient.encode("GET", "k"))
                                .append(RespClient.encode("PING"))
                                .append(RespClient.encode("DEL", "k"))
                                .append(RespClient.encode("EXEC"));
                        expected.add("+OK\r\n");
                        expected.add("+QUEUED\r\n");
                        expected.add("+QUEUED\r\n");
                        expected.add("+QUEUED\r\n");
                        String deleted = held.equals("$-1\r\n") ? ":0\r\n" : ":1\r\n";
                        expected.add("*3\r\n" + held + "+PONG\r\n" + deleted);
                        held = "$-1\r\n";
                    }
                }
            }
            client.send(requests.toString());
            for (int i = 0; i < expected.size(); i++) {
                assertThat(client.read()).as("reply %d", i).isEqualTo(expected.get(i));
            }
        }
    }

    @Test
    void anotherVersionOfTheProtocolBeginsWithItsHello() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            client.send(
                    RespClient.encode("GET", "nothing")
                            + RespClient.encode("SET", "k", "v")
                            + RespClient.encode("GETDEL", "nothing")
                            + RespClient.encode("HELLO", "3")
                            + RespClient.encode("GETDEL", "nothing")
                            + RespClient.encode("HELLO", "2")
                            + RespClient.encode("GETDEL", "nothing"));
            assertThat(client.read()).isEqualTo("$-1\r\n");
            assertThat(client.read()).isEqualTo("+OK\r\n");
            assertThat(client.read()).isEqualTo("$-1\r\n");
            assertThat(client.read()).startsWith("%7\r\n");
            assertThat(client.read()).isEqualTo("_\r\n");
            assertThat(client.read()).startsWith("*14\r\n");
            assertThat(client.read()).isEqualTo("$-1\r\n");
        }
    }

    @Test
    void watchCanBePipelinedWithItsTransaction() throws IOException {
        try (RespClient client = new RespClient(port.port());
                RespClient other = new RespClient(port.port())) {
            for (int i = 0; i < 100; i++) {
                client.send(
                        RespClient.encode("SET", "k", "1")
                                + RespClient.encode("WATCH", "k")
                                + RespClient.encode("MULTI")
                                + RespClient.encode("INCR", "k")
                                + RespClient.encode("EXEC"));
                assertThat(client.read()).isEqualTo("+OK\r\n");
                assertThat(client.read()).isEqualTo("+OK\r\n");
                assertThat(client.read()).isEqualTo("+OK\r\n");
                assertThat(client.read()).isEqualTo("+QUEUED\r\n");
                assertThat(client.read()).isEqualTo("*1\r\n:2\r\n");
            }
            client.ask("WATCH", "k");
            other.ask("SET", "k", "3");
            client.send(
                    RespClient.encode("MULTI")
                            + RespClient.encode("HELLO", "3")
                            + RespClient.encode("INCR", "k")
                            + RespClient.encode("EXEC")
                            + RespClient.encode("GET", "nothing"));
            assertThat(client.read()).isEqualTo("+OK\r\n");
            assertThat(client.read()).isEqualTo("+QUEUED\r\n");
            assertThat(client.read()).isEqualTo("+QUEUED\r\n");
            assertThat(client.read()).isEqualTo("*-1\r\n");
            // The transaction was not executed, so the protocol's version is what it was.
            assertThat(client.read()).isEqualTo("$-1\r\n");
        }
    }

    @Test
    void aRequestThatIsTooLargeIsRefusedWithBothSizesAndTheConnectionLives() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            assertThat(client.ask("SET", "k", "x".repeat(3 * MAX_REQUEST_BYTES)))
                    .startsWith("-ERR ")
                    .contains("300004 bytes")
                    .contains("at most 100000;");
            assertThat(client.ask("GET", "k")).isEqualTo("$-1\r\n");
            client.ask("MULTI");
            assertThat(client.ask("SET", "k", "x".repeat(MAX_REQUEST_BYTES))).startsWith("-ERR ");
            assertThat(client.ask("EXEC")).startsWith("-EXECABORT ");
        }
    }

    @Test
    void aTransactionThatIsTooLargeIsRefused() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            client.ask("MULTI");
            String reply = "";
            for (int i = 0; i < 4; i++) {
                reply = client.ask("SET", "k", "x".repeat(MAX_REQUEST_BYTES / 2));
            }
            assertThat(reply).startsWith("-ERR ").contains("100000 bytes");
            assertThat(client.ask("EXEC")).startsWith("-EXECABORT ");
            assertThat(client.ask("GET", "k")).isEqualTo("$-1\r\n");
        }
    }

    @Test
    void whatAConnectionHoldsUntilExecIsBounded() throws IOException {
        String large = "x".repeat(MAX_REQUEST_BYTES / 4);
        try (RespClient client = new RespClient(port.port())) {
            for (String name : List.of("a", "b", "a", "b", "c")) {
                assertThat(client.ask("WATCH", name + large)).isEqualTo("+OK\r\n");
            }
            assertThat(client.ask("WATCH", "d" + large)).startsWith("-ERR ");
            assertThat(client.ask("UNWATCH")).isEqualTo("+OK\r\n");
            client.ask("MULTI");
            for (int i = 0; i < 3; i++) {
                assertThat(client.ask("PING", large)).isEqualTo("+QUEUED\r\n");
            }
            assertThat(client.ask("PING", large)).startsWith("-ERR ");
            assertThat(client.ask("EXEC")).startsWith("-EXECABORT ");
        }
    }

    @Test
    void aMalformedRequestIsToldAndTheConnectionEnds() throws IOException {
        try (RespClient client = new RespClient(port.port());
                RespClient other = new RespClient(port.port())) {
            client.send(RespClient.encode("SET", "k", "v") + "*1\r\n?\r\n");
            assertThat(client.readToEnd())
                    .isEqualTo("+OK\r\n-ERR Protocol error: expected '$', got '?'\r\n");
            assertThat(other.ask("GET", "k")).isEqualTo(bulk("v"));
        }
    }

    @Test
    void aBusyClusterIsWaitedFor() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            port.gateway(gateway -> gateway.refuseAfter(3, ClientReply.Status.OVERLOADED));
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 10; i++) {
                requests.append(RespClient.encode("APPEND", "k", "x"));
            }
            client.send(requests.toString());
            for (int i = 1; i <= 3; i++) {
                assertThat(client.read()).isEqualTo(":" + i + "\r\n");
            }
            port.gateway(gateway -> gateway.refuseAfter(-1, ClientReply.Status.OVERLOADED));
            for (int i = 4; i <= 10; i++) {
                assertThat(client.read()).isEqualTo(":" + i + "\r\n");
            }
        }
    }

    @Test
    void aClusterThatStaysBusyIsAnError() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            port.gateway(gateway -> gateway.refuseAfter(0, ClientReply.Status.OVERLOADED));
            assertThat(client.ask("SET", "k", "v"))
                    .isEqualTo("-OVERLOADED refused for the sake of a test\r\n");
            assertThat(client.ask("GET", "k")).isEqualTo("$-1\r\n");
        }
    }

    @Test
    void aReplicaThatCannotServeSaysSo() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            port.gateway(gateway -> gateway.refuseAfter(0, ClientReply.Status.UNAVAILABLE));
            assertThat(client.ask("SET", "k", "v"))
                    .isEqualTo("-CLUSTERDOWN refused for the sake of a test\r\n");
            client.ask("MULTI");
            client.ask("SET", "k", "v");
            assertThat(client.ask("EXEC"))
                    .isEqualTo(
                            "-EXECABORT Transaction discarded because of: CLUSTERDOWN refused for the sake of a test\r\n");
            assertThat(client.ask("EXEC")).isEqualTo("-ERR EXEC without MULTI\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource(value = ClientReply.Status.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
    void everyOutcomeIsSaidInWords(ClientReply.Status status) throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            port.gateway(gateway -> gateway.outcome(status));
            for (String[] request :
                    new String[][] {{"SET", "k", "v"}, {"GET", "k"}, {"WATCH", "k"}, {"INFO"}}) {
                assertThat(client.ask(request)).matches("(?s)-[A-Z]+ .*for the sake of a test\r\n");
            }
            client.ask("MULTI");
            client.ask("PING");
            client.ask("GET", "k");
            assertThat(client.ask("EXEC")).matches("(?s)-[A-Z]+ .*for the sake of a test\r\n");
            assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
        }
    }

    /// More replies are owed than the buffers between take, and the client reads none before the
    /// end.
    @Test
    void aClientThatDoesNotReadIsNotReadFrom() throws Exception {
        String value = "x".repeat(50_000);
        int reads = 2_000;
        try (RespClient client = new RespClient(port.port());
                RespClient other = new RespClient(port.port())) {
            client.ask("SET", "k", value);
            Thread sender =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            client.send(
                                                    RespClient.encode("GET", "k").repeat(reads));
                                        } catch (IOException closed) {
                                            throw new java.io.UncheckedIOException(closed);
                                        }
                                    });
            assertThat(other.ask("PING")).isEqualTo("+PONG\r\n");
            for (int i = 0; i < reads; i++) {
                assertThat(client.read()).hasSize(value.length() + 10);
            }
            sender.join();
        }
    }

    @Test
    void clientsMayGoAwayAtAnyMoment() throws IOException {
        for (int i = 0; i < 200; i++) {
            try (RespClient client = new RespClient(port.port())) {
                client.send(RespClient.encode("SET", "k", "v").repeat(i));
                client.send(RespClient.encode("GET", "k").repeat(i));
            }
        }
        try (RespClient client = new RespClient(port.port())) {
            assertThat(client.ask("GET", "k")).isEqualTo(bulk("v"));
        }
    }

    /// A browser can be made to send such a request by any page it shows.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\nContent-Type: text/plain\r\n\r\nSET stolen 1\r\n",
                "GET / HTTP/1.1\r\nhost: localhost:6379\r\n\r\nSET stolen 1\r\n",
                "*1\r\n$4\r\npOsT\r\nSET stolen 1\r\n",
                "MULTI\r\nSET stolen 1\r\nHost:\r\nEXEC\r\n"
            })
    void whatBrowsersAreMadeToSendIsNotExecuted(String request) throws IOException {
        try (LogLines log = LogLines.of(RedisConnection.class);
                RespClient attacker = new RespClient(port.port());
                RespClient client = new RespClient(port.port())) {
            assertThat(client.ask("SET", "k", "v")).isEqualTo("+OK\r\n");
            attacker.send("PING\r\n" + request);
            assertThat(attacker.readToEnd()).isIn("", "+PONG\r\n");
            assertThat(client.ask("EXISTS", "k", "stolen")).isEqualTo(":1\r\n");
            assertThat(log.lines()).singleElement().asString().contains("POST or Host:");
        }
    }

    @Test
    void repliesCanBeSwitchedOff() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            client.send(
                    RespClient.encode("SET", "k", "1")
                            + RespClient.encode("CLIENT", "REPLY", "OFF")
                            + RespClient.encode("GET", "k").repeat(3)
                            + RespClient.encode("INCR", "k").repeat(3)
                            + RespClient.encode("MULTI")
                            + RespClient.encode("INCR", "k")
                            + RespClient.encode("PING")
                            + RespClient.encode("EXEC")
                            + RespClient.encode("NOSUCH")
                            + RespClient.encode("CLIENT", "REPLY", "ON")
                            + RespClient.encode("GET", "k")
                            + RespClient.encode("CLIENT", "REPLY", "SKIP")
                            + RespClient.encode("INCR", "k")
                            + RespClient.encode("GET", "k"));
            assertThat(client.read()).isEqualTo("+OK\r\n");
            assertThat(client.read()).isEqualTo("+OK\r\n");
            assertThat(client.read()).isEqualTo(bulk("5"));
            assertThat(client.read()).isEqualTo(bulk("6"));
            client.ask("MULTI");
            assertThat(client.ask("CLIENT", "REPLY", "OFF"))
                    .isEqualTo("-ERR Command not allowed inside a transaction\r\n");
            assertThat(client.ask("EXEC")).startsWith("-EXECABORT");
        }
    }

    @Test
    void clientsAreListedAndKilled() throws IOException {
        try (RespClient client = new RespClient(port.port());
                RespClient other = new RespClient(port.port())) {
            other.ask("CLIENT", "SETNAME", "other");
            String id = other.ask("CLIENT", "ID").substring(1).strip();
            assertThat(client.ask("CLIENT", "LIST")).contains("name=other", "cmd=client|list");
            assertThat(client.ask("CLIENT", "LIST", "ID", id)).containsOnlyOnce("id=");
            assertThat(client.ask("CLIENT", "KILL", "ID", id)).isEqualTo(":1\r\n");
            assertThat(other.readToEnd()).isEmpty();
            assertThat(client.ask("CLIENT", "LIST")).doesNotContain("name=other");
            assertThat(client.ask("CLIENT", "KILL", "TYPE", "normal")).isEqualTo(":0\r\n");
            client.send(RespClient.encode("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"));
            client.send(RespClient.encode("PING"));
            assertThat(client.readToEnd()).isEqualTo(":1\r\n");
        }
    }

    @Test
    void nothingIsConfiguredSilently() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            String parameters = client.ask("CONFIG", "GET", "*");
            assertThat(client.ask("CONFIG", "SET", "save", "", "maxmemory", "0"))
                    .isEqualTo("+OK\r\n");
            assertThat(client.ask("CONFIG", "SET", "save", "", "Maxmemory", "100mb"))
                    .isEqualTo(
                            "-ERR CONFIG SET failed (possibly related to argument 'Maxmemory') - can't set immutable config\r\n");
            assertThat(client.ask("CONFIG", "SET", "save", "", "slowlog-max-len", "1"))
                    .isEqualTo(
                            "-ERR Unknown option or number of arguments for CONFIG SET - 'slowlog-max-len'\r\n");
            assertThat(client.ask("CONFIG", "GET", "*")).isEqualTo(parameters);
        }
    }

    /// As `nc` does at the end of its input.
    @Test
    void aClientThatHasSentAllStillGetsItsReplies() throws IOException {
        try (RespClient client = new RespClient(port.port())) {
            client.send("SET k v\r\nGET k\r\n" + "INCR n\r\n".repeat(1_000));
            client.shutdownOutput();
            assertThat(client.readToEnd()).startsWith("+OK\r\n" + bulk("v")).endsWith(":1000\r\n");
        }
    }
}
