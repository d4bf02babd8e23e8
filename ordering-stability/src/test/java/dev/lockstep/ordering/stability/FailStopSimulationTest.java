package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/// Clusters under fail-stop faults with their authority, in a storm.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 100 of each.
class FailStopSimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 100);

    private static final List<String> EXPECTED =
            List.of(
                    "Propose",
                    "Status",
                    "Ask",
                    "Answer",
                    "Holdings",
                    "Ending",
                    "EndingAck",
                    "Want",
                    "Have",
                    "epochs",
                    "reads",
                    "crashes",
                    "history",
                    "releases",
                    "one dies in calm",
                    "one stays dead");

    @ParameterizedTest
    @CsvSource({
        "logical-clock, 2",
        "logical-clock, 3",
        "synchronized-clock, 2",
        "synchronized-clock, 3",
        "replica-ids, 2",
        "replica-ids, 3"
    })
    void keepsEveryPromise(String order, int size) {
        Coverage coverage = new Coverage();
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            FailStopWorld.run(order, size, FailStopRules.CORRECT, coverage, seed);
        }
        System.out.printf("%s, %d replicas, %d seeds: %s%n", order, size, SEEDS, coverage);
        if (SEEDS >= 100) {
            for (String what : EXPECTED) {
                assertThat(coverage.count(what)).as(what).isPositive();
            }
        }
    }
}
