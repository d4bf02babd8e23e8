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

/// What `lockstep verify` makes of replicas whose service's state cannot be frozen.
final class VerifyAnswersTest {

    private final List<HttpServer> servers = new ArrayList<>();
    @TempDir Path directory;
    private final StringWriter out = new StringWriter();

    @AfterEach
    void stopServers() {
        servers.forEach(server -> server.stop(0));
    }

    /// Says what a replica without a digest of its state says.
    private String replica(int id, String chain) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer(server, "/status", "{\"self\": %d, \"executedPosition\": 7}".formatted(id));
        answer(
                server,
                "/digest",
                """
                {"self": %d, "phase": "done", "position": 11, "state": "", "host": "%s",
                 "chain": "%s"}"""
                        .formatted(id, "ab".repeat(32), chain));
        answer(server, "/chain", "{\"self\": %d, \"first\": 11, \"digests\": []}".formatted(id));
        server.start();
        servers.add(server);
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private static void answer(HttpServer server, String path, String json) {
        server.createContext(
                path,
                exchange -> {
                    byte[] body = json.getBytes(StandardCharsets.UTF_8);
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
    }

    private int verify(String... arguments) {
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
        List<String> all = new ArrayList<>(List.of("verify"));
        all.addAll(List.of(arguments));
        return lockstep.execute(all.toArray(String[]::new));
    }

    private static final String SAME = "00000000000000ff";
    private static final String OTHER = "00000000000000fe";

    @Test
    void their_replies_and_sessions_are_compared_and_it_says_so() throws IOException {
        String all = replica(1, SAME) + "," + replica(2, SAME) + "," + replica(3, SAME);
        assertThat(verify("--admin", all)).as(out.toString()).isEqualTo(ExitCode.DONE);
        assertThat(out.toString())
                .contains(
                        "All 3 replicas have given the same replies through position 11 and have"
                                + " the same sessions; their service's state cannot be frozen and"
                                + " was not compared.");
        assertThat(verify("--json", "--admin", all)).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).contains("\"statesCompared\":false");
    }

    @Test
    void who_gave_other_replies_is_named() throws IOException {
        String all = replica(1, SAME) + "," + replica(2, OTHER) + "," + replica(3, SAME);
        assertThat(verify("--admin", all)).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString())
                .contains(
                        "Replica 2 differs from the majority in its replies or effects at position"
                                + " 11");
    }

    @Test
    void who_is_dead_is_named_by_its_number_and_address() throws IOException {
        List<MemberPorts> members = new ArrayList<>();
        for (int id = 1; id <= 2; id++) {
            String address = replica(id, SAME);
            int admin = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            members.add(new MemberPorts(id, "127.0.0.1", 10 + id, 20 + id, admin, 30 + id));
        }
        int nobody = new Ports(InetAddress.getLoopbackAddress()).any();
        members.add(new MemberPorts(3, "127.0.0.1", 13, 23, nobody, 33));
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(file, ClusterFile.text(ClusterFile.freshId(), members, "data/{id}"));

        assertThat(verify("--config", file.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString())
                .contains("Replica 3 (127.0.0.1:" + nobody + "): it does not answer (");
    }

    /// The first replica is where the file says, the second has moved, the third was replaced by
    /// the fourth.
    @Test
    void the_members_are_compared_and_not_the_lines_of_a_file() throws IOException {
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        String second = replica(2, SAME);
        String fourth = replica(4, SAME);
        String first = replica(1, SAME);
        answer(
                servers.getLast(),
                "/members",
                """
                {"self": 1, "member": true, "epoch": 3, "order": "leader", "settled": true,
                 "position": 120,
                 "members": [{"id": 1, "incarnation": "0123456789abcdef0123456789abcdef"},
                             {"id": 2, "incarnation": "0123456789abcdef0123456789abcdef",
                              "admin": "%s"},
                             {"id": 4, "incarnation": "0123456789abcdef0123456789abcdef",
                              "admin": "%s"}],
                 "learners": []}"""
                        .formatted(second, fourth));
        int admin = Integer.parseInt(first.substring(first.lastIndexOf(':') + 1));
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(
                file,
                ClusterFile.text(
                        ClusterFile.freshId(),
                        List.of(
                                new MemberPorts(1, "127.0.0.1", 11, 21, admin, 31),
                                new MemberPorts(2, "127.0.0.1", 12, 22, ports.any(), 32),
                                new MemberPorts(3, "127.0.0.1", 13, 23, ports.any(), 33)),
                        "data/{id}"));

        assertThat(verify("--config", file.toString())).as(out.toString()).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).contains("All 3 replicas have given the same replies");
    }
}
