package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What `lockstep member` and `lockstep switch` make of the answers of admin ports.
final class MemberCommandTest {

    private static final String LIFE = "0123456789abcdef0123456789abcdef";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /// What is answered to changes, in this order; the last one again and again.
    private final Deque<String> answers = new ArrayDeque<>();

    /// What was asked for.
    private final List<String> asked = new ArrayList<>();

    private HttpServer server;
    private volatile String members = page(1, true, "");

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/members", exchange -> answer(exchange, 200, members));
        server.createContext("/member", this::change);
        server.createContext("/switch", this::change);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private synchronized void change(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().getPath().equals("/members")) {
            answer(exchange, 200, members);
            return;
        }
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        String next = answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
        if (next.contains("\"epoch\": 2")) {
            members = next;
        }
        answer(exchange, next.contains("refused") ? 409 : 200, next);
    }

    private static void answer(HttpExchange exchange, int code, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String page(long epoch, boolean settled, String more) {
        String fourth = epoch == 1 ? "" : ", {\"id\": 4, \"incarnation\": \"" + LIFE + "\"}";
        return """
        {"self": 1, "member": true, "epoch": %d, "after": 0, "faults": "crash", "order": "leader",
         "settled": %s, "position": 900, "members": [{"id": 1, "incarnation": "%s", "connected": true}%s],
         "learners": [{"id": 4, "incarnation": "%s", "position": 300, "behind": 600, "agoMillis": 3}]%s}"""
                .formatted(epoch, settled, LIFE, fourth, LIFE, more);
    }

    private static String answered(long epoch, boolean settled, String answer, String sentence) {
        return page(
                epoch,
                settled,
                ", \"answer\": \"%s\", \"next\": 2, \"passing\": %s, \"sentence\": \"%s\""
                        .formatted(answer, sentence.contains("behind"), sentence));
    }

    private int lockstep(String... arguments) {
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--admin", "127.0.0.1:" + server.getAddress().getPort()));
        return lockstep.execute(all.toArray(String[]::new));
    }

    @Test
    void a_list_shows_who_takes_part_and_who_follows() {
        assertThat(lockstep("member", "list")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString().lines())
                .containsExactly(
                        "  replica  life      takes part  position          connected  admin port",
                        "  1        01234567  member      -                 yes        -",
                        "  4        01234567  follows     300 (600 behind)  no         -",
                        "Epoch 1, order leader; so says replica 1, at position 900.");
    }

    @Test
    void a_list_says_so_if_no_majority_is_there() {
        members = page(2, true, "");

        assertThat(lockstep("member", "list")).isEqualTo(ExitCode.DONE);

        assertThat(out.toString())
                .contains(
                        "Replica 1 reaches 1 of 2 members, itself among them: nothing is written or"
                                + " changed until it reaches 2.");
    }

    /// It was initialised as if the cluster began with it, and is alone with that opinion.
    @Test
    void a_newcomer_that_takes_itself_for_a_founder_is_not_believed() throws IOException {
        HttpServer other =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String page =
                page(2, true, "")
                        .replace("\"epoch\": 2", "\"epoch\": 1")
                        .replace("\"self\": 1", "\"self\": 4");
        other.createContext("/members", exchange -> answer(exchange, 200, page));
        other.start();
        try {
            String stranger = "127.0.0.1:" + other.getAddress().getPort();
            assertThat(lockstep("member", "add", "4", "--admin", stranger))
                    .isEqualTo(ExitCode.FAILED);
        } finally {
            other.stop(0);
        }
        assertThat(err.toString())
                .contains("says that the members of epoch 1 are")
                .contains("[1, 4]")
                .contains("write 'joins: true' at its entry");
        assertThat(asked).isEmpty();
    }

    @Test
    void a_newcomer_is_waited_for_until_a_majority_has_it() {
        answers.add(answered(1, true, "refused", "replica 4 is 600 behind"));
        answers.add(answered(1, true, "begun", "epoch 2 is being ordered"));
        answers.add(answered(2, false, "done", "a majority does not have it yet"));
        answers.add(answered(2, true, "done", "it is so"));
        members = page(1, true, "");

        // The epoch that was begun is there at once.
        Thread.ofVirtual().start(() -> awaitAsked(2));

        assertThat(lockstep("member", "add", "4")).as(err.toString()).isEqualTo(ExitCode.DONE);
        assertThat(asked).hasSizeGreaterThanOrEqualTo(4).containsOnly("POST /member?add=4");
        assertThat(out.toString().lines())
                .containsExactly(
                        "Replica 4 is a member now.",
                        "Epoch 2: the members are 1, 4; none of them may fail at a time.");
    }

    private void awaitAsked(int times) {
        while (true) {
            synchronized (this) {
                if (asked.size() >= times) {
                    members = page(2, false, "");
                    return;
                }
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void what_is_so_already_is_said() {
        answers.add(answered(1, true, "done", "it is so"));

        assertThat(lockstep("member", "remove", "7")).isEqualTo(ExitCode.DONE);
        assertThat(out.toString()).startsWith("Replica 7 is not a member.\nEpoch 1: ");
    }

    @Test
    void a_refusal_is_one_sentence() {
        answers.add(answered(1, true, "refused", "replica 1 is the last member"));

        assertThat(lockstep("member", "remove", "1")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString()).isEqualTo("lockstep: replica 1 is the last member\n");
        assertThat(asked).hasSize(1);
    }

    @Test
    void a_timeout_says_what_was_waited_for() {
        answers.add(answered(1, true, "refused", "replica 4 is 600 behind"));

        assertThat(lockstep("member", "add", "4", "--timeout", "1")).isEqualTo(ExitCode.FAILED);
        assertThat(err.toString())
                .isEqualTo("lockstep: not done after 1 s: replica 4 is 600 behind\n");
        assertThat(out.toString()).isEqualTo("Replica 4 is 600 behind.\n");
    }

    @Test
    void a_replacement_and_a_switch_say_what_they_want() {
        answers.add(answered(1, true, "done", "it is so"));

        assertThat(lockstep("member", "replace", "2", "--with", "4")).isEqualTo(ExitCode.DONE);
        assertThat(lockstep("member", "replace", "1", "--json")).isEqualTo(ExitCode.DONE);
        assertThat(lockstep("switch", "--order", "leader")).isEqualTo(ExitCode.DONE);

        assertThat(asked)
                .containsExactly(
                        "POST /member?replace=2&with=4",
                        "POST /member?replace=1&with=1",
                        "POST /switch?order=leader");
        assertThat(out.toString())
                .contains("Replica 4 has taken the place of replica 2.")
                .contains("{\"changed\":false,\"epoch\":1,\"order\":\"leader\",\"members\":[1]}")
                .contains("The order is leader already.");
    }

    @Test
    void what_makes_no_sense_is_not_tried() {
        assertThat(lockstep("member", "add", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(lockstep("member", "add", "70000")).isEqualTo(ExitCode.USAGE);
        assertThat(lockstep("member", "add", "x")).isEqualTo(ExitCode.USAGE);
        assertThat(lockstep("member", "remove", "1", "--timeout", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(Main.commandLine().execute("member")).isEqualTo(ExitCode.USAGE);
        assertThat(asked).isEmpty();
    }
}
