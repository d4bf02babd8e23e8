package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/// Whole clusters under stability ordering: the product's replica, journal and client around it.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 80 of each
/// clock.
class StabilitySimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 80);

    /// Every message is sent, and every way to a decision and to a position is taken.
    private static final List<String> EXPECTED =
            List.of(
                    "Propose",
                    "ProposeAck",
                    "Consensus",
                    "ConsensusAck",
                    "Nack",
                    "Recover",
                    "RecoverAck",
                    "Commit",
                    "Past",
                    "Fetch",
                    "Payload",
                    "Heartbeat",
                    "ReadBound",
                    "ReadBoundAck",
                    "decided fast",
                    "decided durably",
                    "decided evidently",
                    "decided at a ballot",
                    "positions",
                    "positions left empty");

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void keepsEveryPromiseWhateverHappens(String order) {
        Coverage coverage = new Coverage();
        SimulationSummary summary =
                SimulationRunner.of(StabilitySetup.of(order, Rules.CORRECT, coverage))
                        .withThreads(Integer.getInteger("simulation.threads", 1))
                        .run(FIRST, FIRST + SEEDS - 1);
        System.out.printf(
                "%s: %d seeds, %,d events, %,d events/s, %d operations, %d undecided, digest %x%n%s%n%s%n",
                order,
                summary.seeds(),
                summary.events(),
                summary.eventsPerSecond(),
                summary.operations(),
                summary.undecided(),
                summary.digest(),
                summary.exercised().byName(),
                coverage);
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        if (SEEDS >= 100) {
            for (String what : EXPECTED) {
                assertThat(coverage.count(what)).as(what).isPositive();
            }
            for (Deed deed : List.of(Deed.EPOCHS, Deed.SNAPSHOTS_INSTALLED, Deed.TORN_TAILS)) {
                assertThat(summary.exercised().count(deed)).as(deed.name()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void theSameSeedGivesTheSameRun(String order) {
        SimulationSetup setup = StabilitySetup.of(order, Rules.CORRECT);
        for (long seed = 1; seed <= 3; seed++) {
            SimulationReport once = Simulation.run(setup, seed);
            SimulationReport again = Simulation.run(setup, seed);
            assertThat(again.digest()).isEqualTo(once.digest());
            assertThat(again.events()).isEqualTo(once.events());
        }
    }
}
