package dev.lockstep.node;

import static dev.lockstep.node.TestNodes.add;
import static dev.lockstep.node.TestNodes.clientOf;
import static dev.lockstep.node.TestNodes.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.lockstep.api.Client;
import dev.lockstep.replica.ReplicaLimits;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The port for operators.
@Timeout(60)
class AdminServerTest {

    private static final int READS = 20;

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir private Path directory;

    private Node node;

    @BeforeEach
    void start() {
        NodeConfig config = TestNodes.alone(directory, Durability.FSYNC);
        Node.init(config);
        node = Node.start(config);
        try (Client client = clientOf(node)) {
            for (int i = 0; i < 10; i++) {
                add(client, 1);
            }
        }
    }

    @AfterEach
    void stop() {
        node.close();
        http.close();
    }

    @Test
    void healthIs200WhileServing() throws Exception {
        HttpResponse<String> answer = get("/health");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("status").asText()).isEqualTo("serving");
        assertThat(json(answer).path("replica").asInt()).isEqualTo(1);
    }

    @Test
    void statusSaysWhereItStandsAndListens() throws Exception {
        JsonNode status = json(get("/status"));

        assertThat(status.path("self").asInt()).isEqualTo(1);
        assertThat(status.path("serving").asBoolean()).isTrue();
        assertThat(status.path("commands").asLong()).isEqualTo(10);
        assertThat(status.path("executedPosition").asLong()).isGreaterThanOrEqualTo(10);
        assertThat(status.path("order").path("role").asText()).isEqualTo("leader");
        assertThat(status.path("ports").path("client-port").asInt()).isEqualTo(node.clientPort());
        assertThat(status.path("ports").path("admin-port").asInt()).isEqualTo(node.adminPort());
        assertThat(status.path("durability").asText()).isEqualTo("fsync");
        assertThat(status.path("haltReason").isNull()).isTrue();
    }

    @Test
    void orderIsTheEndOfTheLog() throws Exception {
        JsonNode page = json(get("/order"));

        assertThat(page.path("order").asText()).isEqualTo("leader");
        JsonNode last = page.path("rows").path(page.path("rows").size() - 1);
        assertThat(last.path("index").asLong()).isGreaterThanOrEqualTo(10);
        assertThat(last.path("term").asLong()).isPositive();
        assertThat(last.path("state").asText()).startsWith("committed, position ");
    }

    @Test
    void digestIsThatOfTheNode() throws Exception {
        JsonNode digest = json(get("/digest"));

        assertThat(digest.path("position").asLong()).isEqualTo(node.stateDigest().position());
        assertThat(digest.path("state").asText()).hasSize(64);
        assertThat(digest.path("host").asText()).hasSize(64);
        assertThat(digest.path("chain").asText()).hasSize(16);
    }

    @Test
    void metricsAreWhatWasDone() throws Exception {
        assertThat(get("/metrics").statusCode()).isEqualTo(200);
        try (Client client = clientOf(node)) {
            add(client, 1);
        }

        String page = get("/metrics").body();

        String tags = "{cluster=\"" + TestNodes.CLUSTER + "\",replica=\"1\"}";
        assertThat(page).contains("lockstep_commands_total" + tags + " 11.0\n");
        assertThat(page).contains("lockstep_serving" + tags + " 1.0\n");
        assertThat(page).contains("lockstep_sessions_opened_total" + tags + " 2.0\n");
        assertThat(page).containsPattern("lockstep_clients_accepted_total\\{[^}]*} [2-9]");
        assertThat(page).contains("lockstep_journal_has_room" + tags + " 1.0\n");
        assertThat(page).containsPattern("lockstep_journal_sync_seconds_bucket\\{.*le=\"0.001\"");
        assertThat(page).containsPattern("lockstep_journal_sync_seconds_count\\{[^}]*} [1-9]");
        assertThat(page).containsPattern("lockstep_order_value\\{.*word=\"commit\".*} [1-9]");
        assertThat(page)
                .containsPattern("lockstep_order_state\\{.*value=\"leader\",word=\"role\".*} 1.0");
        assertThat(page).contains("jvm_memory_used_bytes");
        assertThat(page).contains("lockstep_info");
    }

    @Test
    void aNodeWithoutAMajorityDoesNotServe() throws Exception {
        node.close();
        List<NodeConfig> configs =
                TestNodes.cluster(
                        3, directory.resolve("three"), Durability.OS, ReplicaLimits.DEFAULT);
        configs.forEach(Node::init);
        node = Node.start(configs.get(0));
        Conditions.await(() -> healthCode() == 503);

        JsonNode health = json(get("/health"));
        assertThat(health.path("status").asText()).isEqualTo("not serving");
        assertThat(health.path("reason").asText())
                .isEqualTo("no member is known that orders requests: see whether a majority runs");
        JsonNode status = json(get("/status"));
        assertThat(status.path("serving").asBoolean()).isFalse();
        assertThat(status.path("reason")).isEqualTo(health.path("reason"));
        assertThat(get("/metrics").body()).containsPattern("lockstep_entry_known\\{[^}]*} 0.0");

        try (Node _ = Node.start(configs.get(1))) {
            Conditions.await(() -> healthCode() == 200);
            assertThat(get("/metrics").body()).containsPattern("lockstep_entry_known\\{[^}]*} 1.0");
        }
    }

    /// Every new value of a label is a new series, kept for as long as the operator keeps any: so
    /// no amount may be in one.
    @Test
    void whatGrowsIsAValueAndNoLabel() throws Exception {
        node.close();
        List<NodeConfig> configs =
                TestNodes.cluster(
                        3, directory.resolve("three"), Durability.OS, ReplicaLimits.DEFAULT);
        configs.forEach(Node::init);
        node = Node.start(configs.get(0));
        try (Node second = Node.start(configs.get(1));
                Client client = clientOf(second)) {
            add(client, 1);
            String leaders = page(second).contains("value=\"leader\"") ? page(second) : page(node);
            assertThat(leaders)
                    .containsPattern("lockstep_order_value\\{.*word=\"follower \\d matched\"");
            assertThat(leaders.lines().filter(line -> line.startsWith("lockstep_order_state")))
                    .isNotEmpty()
                    .allSatisfy(
                            line -> assertThat(line).containsPattern("value=\"[a-z-]+\",word="));
        }
    }

    @Test
    void whatTheLeaseSparesIsCounted() throws Exception {
        ReadCounts without = readCounts(false);
        assertThat(without.rounds()).isPositive();
        assertThat(without.spared()).isZero();

        ReadCounts with = readCounts(true);
        assertThat(with.spared()).isPositive();
        assertThat(with.rounds() + with.spared()).isLessThanOrEqualTo(2 * READS);
    }

    private record ReadCounts(long rounds, long spared) {}

    /// Reads one after the other through each of two nodes of a cluster of three.
    private ReadCounts readCounts(boolean lease) throws Exception {
        node.close();
        List<NodeConfig> configs =
                TestNodes.cluster(
                                3,
                                directory.resolve("lease " + lease),
                                Durability.OS,
                                ReplicaLimits.DEFAULT)
                        .stream()
                        .map(
                                config ->
                                        config.withProtocolOptions(
                                                new TreeMap<>(
                                                        Map.of(
                                                                "reads.lease",
                                                                Boolean.toString(lease)))))
                        .toList();
        configs.forEach(Node::init);
        node = Node.start(configs.get(0));
        try (Node second = Node.start(configs.get(1));
                Client ofFirst = clientOf(node);
                Client ofSecond = clientOf(second)) {
            add(ofFirst, 1);
            for (int i = 0; i < READS; i++) {
                assertThat(read(ofFirst)).isEqualTo(1);
                assertThat(read(ofSecond)).isEqualTo(1);
            }
            return new ReadCounts(
                    orderValue(node, "read rounds") + orderValue(second, "read rounds"),
                    orderValue(node, "read rounds spared")
                            + orderValue(second, "read rounds spared"));
        }
    }

    private static long orderValue(Node whose, String word) {
        return Long.parseLong(whose.status().order().getOrDefault(word, "0"));
    }

    private String page(Node whose) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + whose.adminPort() + "/metrics");
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private int healthCode() {
        try {
            return get("/health").statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsNotThereIsSaidSo() throws Exception {
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        HttpRequest post =
                HttpRequest.newBuilder(uri("/health"))
                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                        .build();
        assertThat(http.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
        HttpRequest head =
                HttpRequest.newBuilder(uri("/health"))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build();
        HttpResponse<String> answer = http.send(head, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void nonsenseIsAnsweredAndDoesNoHarm() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.adminPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write("\u0001\u0002 nonsense\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 400");
        }
        assertThat(get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void aPageInABrowserCannotChangeTheMembers() throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri("/member?remove=1"))
                        .POST(HttpRequest.BodyPublishers.noBody());

        HttpResponse<String> fromPage =
                http.send(
                        request.copy().header("Origin", "http://example.com").build(),
                        HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> fromTool =
                http.send(request.build(), HttpResponse.BodyHandlers.ofString());

        assertThat(fromPage.statusCode()).isEqualTo(403);
        assertThat(fromTool.statusCode()).isEqualTo(409);
        assertThat(json(fromTool).path("sentence").asText())
                .isEqualTo("replica 1 is the last member; stop it to end the cluster");
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + node.adminPort() + path);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        return new JsonMapper().readTree(answer.body());
    }
}
