package dev.lockstep.ordering.byzantine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

/// Whole clusters under Byzantine ordering: the product's replica, journal and client around it,
/// with every fault of the common simulator. Clients ask all replicas and count votes.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 100 of each row.
class ReplicaSimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 100);

    @ParameterizedTest
    @EnumSource
    void keepsEveryPromiseWhateverHappens(Row row) {
        SimulationSummary summary =
                SimulationRunner.of(row.setup())
                        .withThreads(Integer.getInteger("simulation.threads", 1))
                        .run(FIRST, FIRST + SEEDS - 1);
        System.out.printf(
                "%s: %d seeds, %,d events, %,d events/s, %d operations, %d undecided, digest %x%n%s%n",
                row,
                summary.seeds(),
                summary.events(),
                summary.eventsPerSecond(),
                summary.operations(),
                summary.undecided(),
                summary.digest(),
                summary.exercised().byName());
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        if (SEEDS >= 100) {
            for (Deed deed :
                    List.of(
                            Deed.COMMANDS_ACKNOWLEDGED,
                            Deed.LINEARIZABLE_READS,
                            Deed.SESSIONS_EXPIRED,
                            Deed.DEADLINES_FIRED,
                            Deed.BATCHES_REFUSED,
                            Deed.LEADERSHIPS,
                            Deed.POWER_FAILURES,
                            Deed.STARTS_FROM_SNAPSHOTS,
                            Deed.JOURNALS_SHORTENED)) {
                assertThat(summary.exercised().count(deed)).as(deed.name()).isPositive();
            }
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 1; seed <= 3; seed++) {
            SimulationReport once = Simulation.run(Row.A4.setup(), seed);
            SimulationReport again = Simulation.run(Row.A4.setup(), seed);
            assertThat(again.digest()).isEqualTo(once.digest());
            assertThat(again.exercised().byName()).isEqualTo(once.exercised().byName());
        }
    }
}
