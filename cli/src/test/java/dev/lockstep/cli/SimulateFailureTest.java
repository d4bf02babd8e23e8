package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `lockstep simulate` makes of a run that fails.
class SimulateFailureTest {

    private static final Pattern SHRUNK =
            Pattern.compile("Seed 4: shrunk from ([0-9,]+) events.* to ([0-9,]+) events");

    @TempDir private Path directory;

    private static String run(int code, String... arguments) {
        return run(StatusLine::on, code, arguments);
    }

    private static String run(
            Function<PrintWriter, StatusLine> lines, int code, String... arguments) {
        return run(lines, new TiredProvider(), code, arguments);
    }

    private static String run(
            Function<PrintWriter, StatusLine> lines,
            TiredProvider provider,
            int code,
            String... arguments) {
        StringWriter out = new StringWriter();
        SimulateCommand command =
                new SimulateCommand((_, _) -> SimulationSetup.of(provider), lines, 1_000);
        CommandLine line = new CommandLine(command).setOut(new PrintWriter(out));
        assertThat(line.execute(arguments)).isEqualTo(code);
        return out.toString();
    }

    private Path diagram() {
        return directory.resolve("run.svg");
    }

    private static long number(String digits) {
        return Long.parseLong(digits.replace(",", ""));
    }

    /// The arguments of the last command that is said to show it again.
    private static List<String> replay(String printed) {
        List<String> commands =
                printed.lines().filter(line -> line.startsWith("See it again: ")).toList();
        List<String> words = new ArrayList<>(List.of(commands.getLast().split(" ")));
        assertThat(words.subList(3, 5)).containsExactly("lockstep", "simulate");
        return words.subList(5, words.size());
    }

    @Test
    void itIsShrunkDrawnAndShownAgainByTheCommandThatIsPrinted() throws Exception {
        String printed =
                run(
                        1,
                        "--seeds",
                        "4",
                        "--replicas",
                        "3",
                        "--option",
                        "election-timeout-max=300ms",
                        "--diagram",
                        diagram().toString());
        assertThat(printed)
                .contains("A promise was broken: seed 4,", "halted: it is tired")
                .contains("It is drawn in " + diagram());
        Matcher sizes = SHRUNK.matcher(printed);
        assertThat(sizes.find()).as(printed).isTrue();
        assertThat(number(sizes.group(2))).isLessThan(number(sizes.group(1)));
        List<String> replay = replay(printed);
        assertThat(replay)
                .contains("--replicas", "3", "election-timeout-max=300ms", "--schedule")
                .contains("--trace");
        String drawn = Files.readString(diagram());
        Files.delete(diagram());
        replay.addAll(List.of("--diagram", diagram().toString()));
        String again = run(1, replay.toArray(String[]::new));
        assertThat(again).contains("starts for the 1. time", "halted: it is tired");
        assertThat(Files.readString(diagram())).isEqualTo(drawn);
    }

    /// The cluster has been under another order, and comes back to one that fails then.
    @Test
    void aMistakeAfterASwitchIsShrunkAndShownAgainToo() {
        String printed =
                run(
                        StatusLine::on,
                        new TiredProvider(3),
                        1,
                        "--seeds",
                        "1..400",
                        "--shrink-seconds",
                        "3",
                        "--no-diagram");
        assertThat(printed).contains("halted: it is tired", ": shrunk from ");
        List<String> replay = replay(printed);
        assertThat(replay).doesNotContain("--one-order");
        replay.addAll(List.of("--diagram", diagram().toString()));
        String again = run(StatusLine::on, new TiredProvider(3), 1, replay.toArray(String[]::new));
        assertThat(again).contains("for Switch[", "halted: it is tired");
    }

    @Test
    void whereTheOrderStaysTheCommandThatShowsItAgainSaysSo() {
        String printed =
                run(1, "--seeds", "4", "--one-order", "--shrink-seconds", "0", "--no-diagram");
        assertThat(replay(printed)).contains("--one-order");
    }

    /// On a terminal it is told how far it is; what is kept in a file is what came of it.
    @Test
    void shrinkingIsWatchedOnATerminalOnly() {
        String[] arguments = {"--seeds", "4", "--shrink-seconds", "3", "--no-diagram"};
        assertThat(run(StatusLine::always, 1, arguments)).contains("\r\u001b[Kshrinking: ");
        assertThat(run(1, arguments))
                .contains("Seed 4: shrunk from ")
                .doesNotContain("\r", "\u001b", "shrinking: ");
    }

    /// It can be run again without a picture, not without knowing which run.
    @Test
    void whatCannotBeDrawnIsToldNevertheless() throws Exception {
        Path link = Files.createSymbolicLink(diagram(), directory.resolve("no/such.svg"));
        String[] arguments = {
            "--seeds", "4", "--shrink-seconds", "3", "--diagram", link.toString()
        };
        assertThat(run(1, arguments))
                .contains("A promise was broken: seed 4,", "Seed 4: shrunk from ")
                .contains("It is not drawn: the diagram cannot be written to " + link)
                .doesNotContain("It is drawn in");
    }

    /// Who calls it `./lockstep` has no `lockstep` on the path.
    @Test
    void theCommandThatShowsItAgainIsCalledAsThisOneWas() {
        System.setProperty("lockstep.command", "./lockstep");
        try {
            assertThat(run(1, "--seeds", "4", "--shrink-seconds", "0", "--no-diagram"))
                    .contains("See it again: ./lockstep simulate --seeds 4 ");
        } finally {
            System.clearProperty("lockstep.command");
        }
    }

    @Test
    void nothingIsShrunkOrDrawnThatNobodyWants() {
        String printed = run(1, "--seeds", "4", "--shrink-seconds", "0", "--no-diagram");
        assertThat(printed)
                .contains("See it again: lockstep simulate --seeds 4 --order leader --trace")
                .containsPattern("Options of the protocol: .*[a-z-]+=[0-9a-zA-Z=,]+")
                .doesNotContain("shrunk", "It is drawn in");
    }

    @Test
    void scriptsLearnTheSame() throws Exception {
        String printed =
                run(
                        1,
                        "--seeds",
                        "4",
                        "--json",
                        "--shrink-seconds",
                        "3",
                        "--diagram",
                        diagram().toString());
        JsonNode failure = new ObjectMapper().readTree(printed).get("failures").get(0);
        assertThat(failure.get("seed").asInt()).isEqualTo(4);
        assertThat(failure.get("options").asText()).contains("=");
        assertThat(failure.get("replay").asText()).contains("--seeds 4 --order leader");
        assertThat(failure.get("shrunk").asText()).startsWith("shrunk from ");
        assertThat(failure.get("shrunkReplay").asText()).contains("--schedule ");
        assertThat(Path.of(failure.get("diagram").asText())).isEqualTo(diagram()).exists();
    }
}
