package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The simulator notices when a rule of the protocol is broken.
///
/// The rarest schedules that a mutant needs are found in one run of some hundred on average: within
/// 1,000 seeds, of which all after the first that fails are spared, hardly any change of the
/// weather makes one of them go missing.
///
/// One mistake shows too seldom for that: a cut below a snapshot in less than one run of some
/// thousand, which [ReplayAfterSnapshotTest] has.
class MutantsTest {

    private static final long FIRST = 7_201;
    private static final int SEEDS = 1_000;

    @Test
    void thePagesNameThemAll() throws IOException {
        Path docs = Path.of("..", "docs");
        assertThat(Files.readString(docs.resolve("simulator.md")))
                .contains(
                        "`Mutant` of `ordering-leader` has "
                                + Mutant.values().length
                                + " mistakes");
        String score = Files.readString(docs.resolve("mutation-score.md"));
        for (Mutant mutant : Mutant.values()) {
            assertThat(score).contains("| " + mutant + " | ");
        }
    }

    /// Some are noticed after a hundred seeds or more: what comes before those is left out. A
    /// change
    /// of the weather may make it longer again.
    private static long first(Mutant mutant) {
        return switch (mutant) {
            case FORGETS_ITS_VOTE -> 7_500;
            case READS_IN_A_FORMER_ROUND -> 7_375;
            case COUNTS_ITSELF_BEFORE_SYNC -> 7_320;
            case LEASES_WITHOUT_DRIFT_BOUND -> 7_300;
            default -> FIRST;
        };
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CUTS_NOTHING_BELOW_ITS_SNAPSHOT")
    void isCaughtWithinAThousandSeeds(Mutant mutant) {
        long first = first(mutant);
        SimulationSummary summary =
                SimulationRunner.of(mutant.setup()).run(first, first + SEEDS - 1);
        assertThat(summary.failures())
                .as(mutant + " in " + summary.seeds() + " seeds")
                .isNotEmpty();
        String sentence = String.valueOf(summary.failures().getFirst().getMessage());
        System.out.println(mutant + ": " + sentence.lines().findFirst().orElse(""));
    }
}
