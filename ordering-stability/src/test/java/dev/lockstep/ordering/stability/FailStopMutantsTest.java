package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// The simulator notices when a rule of the fail-stop order is broken.
class FailStopMutantsTest {

    private static final int SEEDS = Integer.getInteger("mutants.seeds", 400);

    @ParameterizedTest
    @EnumSource
    void isCaughtWithinSomeHundredSeeds(FailStopMutant mutant) {
        long first = mutant.firstSeed();
        for (long seed = first; seed < first + SEEDS; seed++) {
            for (String order : List.of("replica-ids", "logical-clock", "synchronized-clock")) {
                for (int size = 2; size <= 3; size++) {
                    try {
                        FailStopWorld.run(order, size, mutant.rules(), new Coverage(), seed);
                    } catch (RuntimeException caught) {
                        System.out.println(mutant + ": " + caught.getMessage());
                        return;
                    }
                }
            }
        }
        assertThat(mutant).as("caught in %d seeds of each clock", SEEDS).isNull();
    }
}
