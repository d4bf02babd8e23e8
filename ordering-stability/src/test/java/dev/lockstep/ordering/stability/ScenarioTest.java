package dev.lockstep.ordering.stability;

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

/// The transcripts in `scenarios`, one test each: schedules that chance does not find, each with
/// the rule kept and with it broken. `-Dscenario.rewrite=true` writes what comes of their commands
/// into them.
class ScenarioTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/scenarios");

    static List<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("transcripts")
    void sameCommandsSameOutcome(Path transcript) {
        Transcript.check(transcript, new ScenarioCommands());
    }

    @Test
    void commandsThatCannotBeCarriedOutAreRefused() {
        refused("> tick 1\n", "begins with the command cluster");
        refused("> cluster 3\n> fly\n", "there is no command fly");
        refused("> cluster 3\n> pass 1 2 Propose\n", "no Propose has left from 1 to 2");
        refused("> cluster 3\n> pass 1 2 Pigeon\n", "there is no message Pigeon");
        refused("> cluster 3\n> sync 4\n", "a member is a number from 1 to 3, not 4");
    }

    private static void refused(String transcript, String reason) {
        assertThatThrownBy(
                        () -> Transcript.parse("bad.txt", transcript).check(new ScenarioCommands()))
                .hasMessageContaining(reason);
    }
}
