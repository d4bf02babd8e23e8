package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// The simulator notices when a rule of the protocol is broken.
///
/// Two mistakes need a schedule that chance did not find in 180 runs; [ScenariosTest] has it: a
/// read
/// from a mere majority, and one ballot where there must be two.
class MutantsTest {

    private static final long FIRST = 7_201;
    private static final int SEEDS = 400;

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"READS_FROM_A_MAJORITY", "HAS_ONE_BALLOT"})
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
