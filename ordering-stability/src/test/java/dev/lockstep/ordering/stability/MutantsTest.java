package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// The simulator notices when a rule of the protocol is broken, mostly within ten seeds: the checks
/// look at what members say, and need not wait until two of them disagree.
///
/// Two mistakes are seen in their own schedules ([ScenarioTest]): a read from a mere majority
/// (`read-bound`), which chance did not find in 180 runs, and a member that waits for its own clock
/// however wrong one is (`wrong-clocks`), which it did not find in 60.
class MutantsTest {

    private static final long FIRST = 7_201;
    private static final int SEEDS = 400;

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"READS_FROM_A_MAJORITY", "WAITS_FOR_ITS_CLOCK"})
    void isCaughtWithinSomeHundredSeeds(Mutant mutant) {
        for (String order : List.of("replica-ids", "logical-clock", "synchronized-clock")) {
            SimulationSummary summary =
                    SimulationRunner.of(mutant.setup(order)).run(FIRST, FIRST + SEEDS - 1);
            if (!summary.failures().isEmpty()) {
                String sentence = String.valueOf(summary.failures().getFirst().getMessage());
                System.out.println(
                        "%s under %s: %s"
                                .formatted(mutant, order, sentence.lines().findFirst().orElse("")));
                return;
            }
        }
        assertThat(mutant).as("caught in %d seeds of each clock", SEEDS).isNull();
    }
}
