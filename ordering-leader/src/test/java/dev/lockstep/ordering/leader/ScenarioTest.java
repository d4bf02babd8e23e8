package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.testkit.scenario.Transcript;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The transcripts in `scenarios`, one test each. `-Dscenario.rewrite=true` writes what comes of
/// their commands into them; `docs/scenarios.md` tells how to read and write one.
class ScenarioTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/scenarios");

    /// Not a test factory: Surefire does not report that one of its tests failed.
    static List<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transcripts")
    void sameCommandsSameOutcome(Path transcript) {
        Transcript.check(transcript, new ScenarioCommands(Rules.CORRECT));
    }

    @Test
    void commandsThatCannotBeCarriedOutAreRefused() {
        refused("> logs\n", "begins with the command cluster");
        refused("> healthy 3\n> fly\n", "there is no command fly");
        refused("> healthy 3\n> crash 4\n", "a member is a number from 1 to 3, not 4");
        refused("> healthy 3\n> restart 2\n", "2 is up");
        refused("> cluster 3\n> timeout 2\n", "2 is down");
        refused("> cluster 3\n> start 1\n> log 1 1\n", "has been started already");
        refused("> cluster 3\n> log 1 1 colour=red\n", "does not know colour");
        refused("> cluster 3 reads.leash=true\n", "reads.leash");
        refused("> healthy 3\n> heartbeat 2\n", "the heartbeat timer of 2 is not set");
        refused("> healthy 3\n> deliver 1 2\n", "nothing is under way from 1 to 2");
        refused("> healthy 3\n> deliver late 1 2\n", "no such message is under way");
        refused("> healthy 3\n> sync 2\n", "2 has nothing to sync");
        refused("> healthy 3\n> settle now\n", "does not know what this is: now");
    }

    private static void refused(String transcript, String reason) {
        int last = (int) transcript.lines().count();
        assertThatThrownBy(
                        () ->
                                Transcript.parse("bad.txt", transcript)
                                        .check(new ScenarioCommands(Rules.CORRECT)))
                .hasMessageContaining("bad.txt:" + last + ":")
                .hasMessageContaining(reason);
    }
}
