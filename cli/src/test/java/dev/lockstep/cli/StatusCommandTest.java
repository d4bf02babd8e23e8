package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What `lockstep status` makes of the answers of admin ports.
final class StatusCommandTest {

    private final List<HttpServer> servers = new ArrayList<>();
    @TempDir Path directory;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void stopServers() {
        servers.forEach(server -> server.stop(0));
    }

    private String answering(String json) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/status",
                exchange -> {
                    byte[] body = json.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        servers.add(server);
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private int status(String... arguments) {
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of("status"));
        all.addAll(List.of(arguments));
        return lockstep.execute(all.toArray(String[]::new));
    }

    private static final String LEADER =
            """
            {"self": 1, "serving": true, "executedPosition": 120, "sessions": 2,
             "chainPosition": 100, "snapshotPosition": 77, "chainDigest": "00000000000000ff",
             "order": {"role": "leader", "term": "3", "commit": "21", "committed": "121"}}""";

    private static final String LAGGARD =
            """
            {"self": 2, "serving": false, "executedPosition": 90, "sessions": 2, "chainPosition": 0,
             "haltReason": "the disk failed",
             "order": {"role": "follower", "term": "3", "committed": "120"}}""";

    @Test
    void a_table_shows_role_lag_and_health() throws IOException {
        int code = status("--admin", answering(LEADER) + "," + answering(LAGGARD));
        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString().lines())
                .containsExactly(
                        "  replica  role      term  committed  executed  lag  snapshot  chain"
                                + "                 sessions  health",
                        "  1        leader    3     121        120       0    77"
                                + "        00000000000000ff@100  2         serving",
                        "  2        follower  3     120        90        30   -"
                                + "         -                     2         halted: the disk failed");
    }

    @Test
    void what_is_being_ordered_is_drawn_as_a_table() throws IOException {
        String address = answering(LEADER);
        String board =
                """
                {"self": 1, "order": "replica-ids", "epoch": 2, "executedPosition": 120,
                 "columns": ["request", "CUID", "UID", "state"],
                 "rows": [{"request": "1#7", "CUID": "12", "UID": "14", "state": "executed at 120"},
                          {"request": "2#3", "CUID": "15", "UID": "-",
                           "state": "waits for the UID from 2"}]}""";
        answer("/order", board);

        assertThat(status("--order", "--admin", address)).isEqualTo(ExitCode.DONE);
        assertThat(out.toString().lines())
                .containsExactly(
                        "Replica 1, replica-ids, epoch 2, executed through 120:",
                        "  request  CUID  UID  state",
                        "  1#7      12    14   executed at 120",
                        "  2#3      15    -    waits for the UID from 2");

        out.getBuffer().setLength(0);
        assertThat(status("--order", "--json", "--admin", address)).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).contains("\"UID\":\"14\"", "\"order\":\"replica-ids\"");
    }

    @Test
    void who_does_not_say_what_it_orders_is_named() throws IOException {
        String address = answering(LEADER);

        assertThat(status("--order", "--admin", address)).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).startsWith(address + " does not answer (");
    }

    @Test
    void who_the_members_are_is_shown_and_others_are_found_through_them() throws IOException {
        String follower =
                LAGGARD.replace("\"self\": 2", "\"self\": 4, \"member\": false")
                        .replace("\"haltReason\": \"the disk failed\",", "");
        String address = answering(follower);
        String leader = answering(LEADER);
        answerMembers(
                """
            {"self": 1, "member": true, "epoch": 3, "order": "leader", "settled": false,
             "position": 120,
             "members": [{"id": 1, "incarnation": "0123456789abcdef0123456789abcdef"},
                         {"id": 2, "incarnation": "0123456789abcdef0123456789abcdef"}],
             "learners": [{"id": 4, "incarnation": "0123456789abcdef0123456789abcdef",
                           "position": 100, "behind": 20, "agoMillis": 1, "admin": "%s"}]}"""
                        .formatted(address));

        assertThat(status("--admin", leader)).isEqualTo(ExitCode.DONE);
        assertThat(out.toString().lines().skip(1))
                .containsExactly(
                        "  1        leader   3     121        120       0    77"
                                + "        00000000000000ff@100  2         serving",
                        "  4        follows  3     120        90        30   -"
                                + "         -                     2         no member",
                        "Epoch 3: members 1, 2 (a majority does not have it yet); replica 4"
                                + " follows, 20 behind.");
    }

    /// The admin port that was made last has this page too.
    private void answerMembers(String json) {
        answer("/members", json);
    }

    private void answer(String page, String json) {
        servers.getLast()
                .createContext(
                        page,
                        exchange -> {
                            byte[] body = json.getBytes(StandardCharsets.UTF_8);
                            exchange.getResponseHeaders().set("Content-Type", "application/json");
                            exchange.sendResponseHeaders(200, body.length);
                            exchange.getResponseBody().write(body);
                            exchange.close();
                        });
    }

    @Test
    void a_replica_that_does_not_answer_is_shown_as_such() throws IOException {
        int nobody = new Ports(InetAddress.getLoopbackAddress()).any();
        int code = status("--admin", answering(LEADER) + ",127.0.0.1:" + nobody);
        assertThat(code).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).contains("127.0.0.1:" + nobody).contains("unreachable (");
    }

    @Test
    void a_replica_that_does_not_answer_is_named_by_its_number() throws IOException {
        int nobody = new Ports(InetAddress.getLoopbackAddress()).any();
        String dead = "127.0.0.1:" + nobody;
        String leader = answering(LEADER);
        answerMembers(MEMBERS_1_AND_2.formatted(dead));

        assertThat(status("--admin", dead + "," + leader)).isEqualTo(ExitCode.FAILED);
        List<String> lines = out.toString().lines().toList();
        assertThat(lines.get(1)).startsWith("  1  ");
        assertThat(lines.get(2)).startsWith("  2 (" + dead + ")  ").contains("unreachable (");

        out.getBuffer().setLength(0);
        assertThat(status("--json", "--admin", dead + "," + leader)).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString())
                .contains("{\"address\":\"" + dead + "\",\"self\":2,\"reachable\":false");
    }

    @Test
    void who_has_moved_is_not_missed_where_it_was() throws IOException {
        int nobody = new Ports(InetAddress.getLoopbackAddress()).any();
        String moved =
                answering(
                        LAGGARD.replace("\"serving\": false", "\"serving\": true")
                                .replace("\"haltReason\": \"the disk failed\",", ""));
        String leader = answering(LEADER);
        answerMembers(MEMBERS_1_AND_2.formatted(moved));
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(
                file,
                ClusterFile.text(
                        ClusterFile.freshId(),
                        List.of(
                                new MemberPorts(1, "127.0.0.1", 1, 2, port(leader), 3),
                                new MemberPorts(2, "127.0.0.1", 4, 5, nobody, 6)),
                        "data/{id}"));

        assertThat(status("--config", file.toString())).as(out.toString()).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).doesNotContain("unreachable");
    }

    @Test
    void nobody_waits_for_one_that_is_no_member_any_more() throws IOException {
        int nobody = new Ports(InetAddress.getLoopbackAddress()).any();
        String second =
                answering(
                        LAGGARD.replace("\"serving\": false", "\"serving\": true")
                                .replace("\"haltReason\": \"the disk failed\",", ""));
        String leader = answering(LEADER);
        answerMembers(MEMBERS_1_AND_2.formatted(second));
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(
                file,
                ClusterFile.text(
                        ClusterFile.freshId(),
                        List.of(
                                new MemberPorts(1, "127.0.0.1", 1, 2, port(leader), 3),
                                new MemberPorts(3, "127.0.0.1", 4, 5, nobody, 6)),
                        "data/{id}"));

        assertThat(status("--config", file.toString())).as(out.toString()).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).contains("unreachable (no member; ");
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static final String MEMBERS_1_AND_2 =
            """
            {"self": 1, "member": true, "epoch": 3, "order": "leader", "settled": true,
             "position": 120,
             "members": [{"id": 1, "incarnation": "0123456789abcdef0123456789abcdef"},
                         {"id": 2, "incarnation": "0123456789abcdef0123456789abcdef",
                          "admin": "%s"}],
             "learners": []}""";

    @Test
    void why_a_replica_does_not_serve_is_shown() throws IOException {
        String alone =
                LEADER.replace(
                        "\"serving\": true,",
                        "\"serving\": false, \"reason\": \"the replica is starting\",");
        assertThat(status("--admin", answering(alone))).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString()).contains("not serving: the replica is starting");
    }

    @Test
    void a_full_disk_is_shown_while_reads_go_on() throws IOException {
        String full =
                LEADER.replace(
                        "\"serving\": true,", "\"serving\": true, \"journalHasRoom\": false,");
        assertThat(status("--admin", answering(full))).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).contains("serving reads only: the disk is full");
    }

    @Test
    void json_is_for_scripts() throws IOException {
        assertThat(status("--json", "--admin", answering(LEADER))).isEqualTo(ExitCode.DONE);
        assertThat(out.toString())
                .startsWith("{\"replicas\":[{")
                .contains("\"reachable\":true", "\"serving\":true", "\"executedPosition\":120");
    }

    @Test
    void an_address_that_is_none_is_a_sentence() {
        assertThat(status("--admin", "localhost")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("--admin wants HOST:PORT, not 'localhost'.");
    }
}
