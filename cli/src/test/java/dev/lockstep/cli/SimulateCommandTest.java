package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;

/// `lockstep simulate` as somebody at a terminal or a script sees it.
class SimulateCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    private int run(String... arguments) {
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(errors));
        return lockstep.execute(arguments);
    }

    private JsonNode json(String threads) throws Exception {
        out.getBuffer().setLength(0);
        int code = run("simulate", "--seeds", "1..12", "--json", "--threads", threads);
        assertThat(code).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    @Test
    void theSameSeedsGiveTheSameRunsOnAnyNumberOfThreads() throws Exception {
        JsonNode one = json("1");
        JsonNode three = json("3");
        assertThat(one.get("runs").asInt()).isEqualTo(12);
        assertThat(one.get("failures")).isEmpty();
        assertThat(one.get("events").asLong()).isGreaterThan(10_000);
        assertThat(three.get("digest")).isEqualTo(one.get("digest"));
        assertThat(three.get("exercised")).isEqualTo(one.get("exercised"));
    }

    @Test
    void aRunIsToldInWords() {
        assertThat(run("simulate", "--seeds", "3", "--replicas", "3", "--trace")).isZero();
        assertThat(out.toString())
                .contains("replica 1 starts for the 1. time", "Append[term=", "delivers")
                .contains("the faults are over", "every promise was kept");
    }

    @Test
    void peopleSeeABarCountsAndAVerdict() {
        assertThat(run("simulate", "--seeds", "1..3", "--threads", "1")).isZero();
        assertThat(out.toString())
                .contains("3 of 3 runs", "commands-acknowledged", "Every promise was kept.");
    }

    @Test
    void whatCannotBeSimulatedIsRefusedInASentence() {
        assertThat(run("simulate", "--order", "alphabetical")).isEqualTo(1);
        assertThat(errors.toString()).contains("no order 'alphabetical'", "choose from [leader]");
        assertThat(run("simulate", "--seeds", "9..1")).isEqualTo(2);
        assertThat(errors.toString()).contains("'9..1' is no range of seeds");
    }
}
