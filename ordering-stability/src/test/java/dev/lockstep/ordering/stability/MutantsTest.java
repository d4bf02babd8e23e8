package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/// The simulator notices when a rule of the protocol is broken, mostly within ten seeds: the checks
/// look at what members say, and need not wait until two of them disagree.
///
/// What chance does not show has a schedule of its own, or is no mistake: [Mutant#otherwise].
class MutantsTest {

    private static final long FIRST = 7_201;

    /// The three clocks in turn.
    private static final int SEEDS = 1_200;

    /// Some are noticed after a hundred seeds or more: what comes before those is left out. A
    /// change
    /// of the weather may make it longer again.
    private static long first(Mutant mutant) {
        return switch (mutant) {
            case ASKS_FOR_NO_COMMANDS -> 8_140;
            case ANSWERS_WHILE_IT_DECIDES -> 7_310;
            case PASSES_NOTHING_DECIDED -> 7_295;
            case READS_ALONE -> 7_290;
            case FINISHES_NOTHING_FOR_OTHERS -> 7_288;
            default -> FIRST;
        };
    }

    static Stream<Mutant> thoseThatChanceShows() {
        return Arrays.stream(Mutant.values()).filter(mutant -> mutant.otherwise().isEmpty());
    }

    @Test
    void thePagesNameThemAll() throws IOException {
        Path docs = Path.of("..", "docs");
        assertThat(Files.readString(docs.resolve("simulator.md")))
                .contains("`Mutant` of `ordering-stability` has " + Mutant.values().length + ",");
        String score = Files.readString(docs.resolve("mutation-score.md"));
        for (Mutant mutant : Mutant.values()) {
            assertThat(score).contains("| " + mutant + " | ");
        }
    }

    @ParameterizedTest
    @MethodSource("thoseThatChanceShows")
    void isCaughtWithinSomeHundredSeeds(Mutant mutant) {
        long first = first(mutant);
        SimulationSummary summary =
                SimulationRunner.ofEach(mutant.mistake()::cluster).run(first, first + SEEDS - 1);
        assertThat(summary.failures())
                .as(mutant + " in " + summary.seeds() + " seeds")
                .isNotEmpty();
        String sentence = String.valueOf(summary.failures().getFirst().getMessage());
        System.out.println(mutant + ": " + sentence.lines().findFirst().orElse(""));
    }
}
