package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.replica.BrokenReplicas;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;

import java.util.EnumSet;

/// Whole clusters under leader ordering: the product's replica, journal and client around it.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 400.
class LeaderSimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 400);

    @Test
    void keepsEveryPromiseWhateverHappens() {
        SimulationSummary summary =
                SimulationRunner.of(LeaderSetup.of(Rules.CORRECT))
                        .withThreads(Integer.getInteger("simulation.threads", 1))
                        .run(FIRST, FIRST + SEEDS - 1);
        System.out.printf(
                "%d seeds, %,d events, %,d events/s, %,d cluster seconds a minute, %d operations, %d undecided, digest %x%n%s%n",
                summary.seeds(),
                summary.events(),
                summary.eventsPerSecond(),
                summary.clusterSecondsPerMinute(),
                summary.operations(),
                summary.undecided(),
                summary.digest(),
                summary.exercised().byName());
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        if (SEEDS >= 400) {
            // Whoever leads an epoch is told what was delivered before it.
            for (Deed deed : EnumSet.complementOf(EnumSet.of(Deed.BATCHES_REPEATED))) {
                assertThat(summary.exercised().count(deed)).as(deed.name()).isPositive();
            }
            assertThat(summary.exercised().unheard()).isEmpty();
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 1; seed <= 5; seed++) {
            SimulationReport once = Simulation.run(LeaderSetup.of(Rules.CORRECT), seed);
            SimulationReport again = Simulation.run(LeaderSetup.of(Rules.CORRECT), seed);
            assertThat(again.digest()).isEqualTo(once.digest());
            assertThat(again.events()).isEqualTo(once.events());
            assertThat(again.exercised().byName()).isEqualTo(once.exercised().byName());
        }
    }

    /// When a replica executes what it has delivered is nobody else's business.
    @Test
    void aReplicaThatExecutesLateIsNoneTheWorse() {
        SimulationRunner.of(
                        LeaderSetup.of(Rules.CORRECT).withProduct(BrokenReplicas.ONE_EXECUTES_LATE))
                .run(1, 150)
                .requireNoFailure();
    }
}
