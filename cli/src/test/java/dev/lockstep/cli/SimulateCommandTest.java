package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private CommandLine simulate(Function<PrintWriter, StatusLine> lines, long enoughSeeds) {
        SimulateCommand command = new SimulateCommand(SimulationSetup::of, lines, enoughSeeds);
        return new CommandLine(command).setOut(new PrintWriter(out));
    }

    @Test
    void peopleSeeABarCountsAndAVerdict() {
        CommandLine simulate = simulate(StatusLine::always, 1_000);
        assertThat(simulate.execute("--seeds", "1..3", "--threads", "1")).isZero();
        assertThat(out.toString())
                .contains("[##########--------------------] 1 of 3 runs")
                .contains("commands-acknowledged", "Every promise was kept.");
    }

    /// A file or a pipe is not redrawn: what is in it is read later.
    @Test
    void whereNobodyWatchesNothingIsWrittenOver() {
        assertThat(run("simulate", "--seeds", "1..3", "--threads", "1")).isZero();
        assertThat(out.toString())
                .contains("commands-acknowledged", "Every promise was kept.")
                .doesNotContain("\r", "\u001b", "3 of 3 runs");
    }

    @Test
    void aRunIsDrawnInTheWindowThatIsAskedFor(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("run.svg");
        int code =
                run(
                        "simulate",
                        "--seeds",
                        "3",
                        "--replicas",
                        "3",
                        "--diagram",
                        file.toString(),
                        "--from",
                        "100ms",
                        "--to",
                        "0.4s",
                        "--events",
                        "50");
        assertThat(code).isZero();
        assertThat(out.toString()).contains("It is drawn in " + file);
        Matcher window = Pattern.compile("from ([0-9.]+) to ([0-9.]+) ms").matcher(read(file));
        assertThat(window.find()).isTrue();
        assertThat(Double.parseDouble(window.group(1))).isBetween(100.0, 400.0);
        assertThat(Double.parseDouble(window.group(2))).isBetween(100.0, 400.0);
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }

    @Test
    void aPartOfARunIsRunAndToldOfInASentence() {
        String schedule = "faults:none/operations:1-3/replicas:3/until:50ms";
        assertThat(run("simulate", "--seeds", "3", "--schedule", schedule)).isZero();
        assertThat(out.toString()).contains("every promise was kept in");
        out.getBuffer().setLength(0);
        assertThat(run("simulate", "--seeds", "3", "--schedule", schedule, "--trace")).isZero();
        assertThat(out.toString()).contains("replica 3 starts").doesNotContain("replica 4 starts");
    }

    @Test
    void whatCannotBeExplainedIsRefusedInASentence(@TempDir Path directory) {
        assertRefused("give --seeds one number", "--seeds", "1..2", "--schedule", "whole");
        assertRefused("give --seeds one number", "--seeds", "1..2", "--trace");
        assertRefused("leave out --json", "--seeds", "1", "--trace", "--json");
        assertRefused("'rain' is no part of a schedule", "--seeds", "1", "--schedule", "rain");
        assertRefused("a diagram shows 1 to 5000 events, not 0", "--seeds", "1", "--events", "0");
        assertRefused("'soon' is no moment of a run", "--seeds", "1", "--from", "soon");
        assertRefused("not from 2000.0 ms to 1000.0 ms", "--from", "2s", "--to", "1s");
        assertRefused("--shrink-seconds is 0 to", "--seeds", "1", "--shrink-seconds", "-1");
        assertRefused("exclude each other", "--no-diagram", "--diagram", "a.svg");
        String nowhere = directory.resolve("no/such/directory.svg").toString();
        assertThat(run("simulate", "--seeds", "1", "--diagram", nowhere)).isEqualTo(1);
        assertThat(errors.toString()).contains("the diagram cannot be written to " + nowhere);
        errors.getBuffer().setLength(0);
        assertThat(run("simulate", "--seeds", "1", "--diagram", directory.toString())).isEqualTo(1);
        assertThat(errors.toString()).contains(directory + ": it is a directory");
        // Nothing was run in vain.
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void whatCannotBeSimulatedIsRefusedInASentence() {
        assertRefused(
                "choose from [leader, logical-clock, synchronized-clock, replica-ids]",
                "--order",
                "alphabetical");
        assertRefused("'9..1' is no range of seeds", "--seeds", "9..1");
        assertRefused("has 1 to 9 replicas, not 0", "--replicas", "0");
        assertRefused("has 1 to 9 replicas, not 10", "--replicas", "10");
        assertRefused("1 to 1024 threads, not 0", "--threads", "0");
        assertRefused("at least one failure, not 0", "--failures", "0");
        assertRefused("1 to 1024 threads, not 0", "--seeds", "1", "--trace", "--threads", "0");
        assertRefused("has no option speed", "--option", "speed=fast");
    }

    private void assertRefused(String sentence, String... options) {
        errors.getBuffer().setLength(0);
        List<String> words = new ArrayList<>(List.of("simulate"));
        words.addAll(List.of(options));
        assertThat(run(words.toArray(String[]::new))).as(sentence).isEqualTo(ExitCode.USAGE);
        assertThat(errors.toString()).contains(sentence).doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }

    /// A window asks for a diagram, and a diagram of many runs is of the first that fails.
    @Test
    void whatIsNotDrawnIsSaid(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("run.svg");
        assertThat(run("simulate", "--seeds", "1..2", "--diagram", file.toString())).isZero();
        assertThat(out.toString()).contains("Nothing is drawn in " + file + ": no run failed.");
        assertThat(file).doesNotExist();
        for (String window : List.of("--from=1ms", "--to=2s", "--events=7")) {
            out.getBuffer().setLength(0);
            assertThat(run("simulate", "--seeds", "1", window)).isZero();
            assertThat(out.toString()).contains("Nothing is drawn: no run failed.");
            out.getBuffer().setLength(0);
            assertThat(run("simulate", "--seeds", "1", window, "--trace")).isZero();
            assertThat(out.toString()).contains("Nothing is drawn: no run failed.");
            out.getBuffer().setLength(0);
            assertRefused("leave them or --no-diagram out", "--no-diagram", window);
        }
        assertThat(run("simulate", "--seeds", "1", "--to", "2s", "--json")).isZero();
        assertThat(new ObjectMapper().readTree(out.toString()).get("diagram").asText())
                .contains("Nothing is drawn: no run failed.");
        out.getBuffer().setLength(0);
        assertThat(run("simulate", "--seeds", "1")).isZero();
        assertThat(out.toString()).doesNotContain("Nothing is drawn");
    }

    /// Every third run has some; who looks for a mistake in one order can do without.
    @Test
    void operatorsGoOverToOtherOrders() {
        assertThat(simulate(StatusLine::on, 2).execute("--seeds", "4..5")).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern(" +[1-9][0-9]* +switched:leader>")
                .containsPattern("nothing was tested there: .*switched:replica-ids>");
        out.getBuffer().setLength(0);
        assertThat(simulate(StatusLine::on, 1_000).execute("--seeds", "4..5", "--one-order"))
                .isZero();
        assertThat(out.toString()).contains("Every promise was kept.").doesNotContain("switched:");
    }

    /// Leases and small windows are simulated too, unless somebody wants to see the usual options.
    @Test
    void everyRunDrawsOptionsOfItsOwn() {
        List<String> seen = new ArrayList<>();
        for (int seed = 1; seed <= 12; seed++) {
            seen.add(optionsOf("--seeds", Integer.toString(seed)));
        }
        assertThat(seen).anyMatch(options -> options.contains("reads.lease=true"));
        assertThat(seen).anyMatch(options -> options.contains("log-window="));
        assertThat(optionsOf("--seeds", "3")).isEqualTo(seen.get(2));
        assertThat(optionsOf("--seeds", "3", "--option", "append-frame=1B"))
                .isEqualTo("append-frame=1B");
        assertThat(optionsOf("--seeds", "3", "--default-options")).isEmpty();
        out.getBuffer().setLength(0);
        assertRefused("exclude each other", "--default-options", "--option", "append-frame=1B");
    }

    private String optionsOf(String... options) {
        out.getBuffer().setLength(0);
        List<String> words = new ArrayList<>(List.of("simulate", "--trace"));
        words.addAll(List.of(options));
        assertThat(run(words.toArray(String[]::new))).isZero();
        Matcher line =
                Pattern.compile("(?m)^options of the protocol: (.*)$").matcher(out.toString());
        assertThat(line.find()).isTrue();
        return line.group(1).strip();
    }

    /// As it would be of a thousand runs: what is never tried is not tested.
    @Test
    void whatNeverHappenedFailsManyRuns() throws Exception {
        CommandLine simulate = simulate(StatusLine::on, 1);
        assertThat(simulate.execute("--seeds", "1", "--replicas", "3")).isEqualTo(ExitCode.FAILED);
        assertThat(out.toString())
                .containsPattern("Never happened, so that nothing was tested there: .*torn-tails")
                .doesNotContain("Every promise was kept.");
        out.getBuffer().setLength(0);
        assertThat(simulate.execute("--seeds", "1", "--replicas", "3", "--json"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(new ObjectMapper().readTree(out.toString()).get("missing")).isNotEmpty();
    }

    @Test
    void whatNeverHappenedIsCountedToo() {
        assertThat(run("simulate", "--seeds", "1", "--replicas", "3", "--threads", "1")).isZero();
        assertThat(out.toString())
                .contains("leaderships", "step-downs", "persisted:Truncated", "received:Behind")
                .containsPattern("(?m)^ +0  [a-z]")
                .contains("1 run in ");
    }

    @Test
    void failStopFaultsHaveAnAuthorityAndOrdersOfTheirOwn() {
        assertThat(
                        run(
                                "simulate",
                                "--seeds",
                                "1..8",
                                "--faults",
                                "fail-stop",
                                "--order",
                                "replica-ids"))
                .isZero();
        assertThat(out.toString())
                .containsPattern(" [1-9][0-9,]*  members-gone")
                .containsPattern(" [1-9][0-9,]*  received:FailStopMessage")
                .contains("Every promise was kept.");
        assertThat(run("simulate", "--seeds", "1", "--faults", "fail-stop")).isEqualTo(2);
        assertThat(errors.toString()).contains("there is no order 'leader' to simulate");
        assertThat(run("simulate", "--seeds", "1", "--faults", "malice")).isEqualTo(2);
        assertThat(errors.toString()).contains("'malice' is none of crash, fail-stop");
    }
}
