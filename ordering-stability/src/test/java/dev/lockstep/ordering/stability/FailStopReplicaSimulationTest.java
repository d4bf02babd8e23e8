package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/// Whole clusters under fail-stop faults with their authority: the product's replica, journal and
/// client around the protocol, in a storm in which any replica may be suspected, rightly or not.
///
/// `-Dsimulation.seeds=N` and `-Dsimulation.first=N` choose others than the first 100 of each.
class FailStopReplicaSimulationTest {

    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final long SEEDS = Long.getLong("simulation.seeds", 100);

    private static SimulationSetup setup(String order, int replicas) {
        FailStopProvider provider = FailStopSetups.provider(order, FailStopRules.CORRECT);
        return SimulationSetup.of(provider)
                .withFixedMembers()
                .withReplicas(replicas)
                .withProtocolOptions(provider::drawOptions);
    }

    @ParameterizedTest
    @CsvSource({
        "logical-clock, 2",
        "logical-clock, 3",
        "synchronized-clock, 2",
        "synchronized-clock, 3",
        "replica-ids, 2",
        "replica-ids, 3"
    })
    void keepsEveryPromiseWhateverHappens(String order, int replicas) {
        SimulationSummary summary =
                SimulationRunner.of(setup(order, replicas))
                        .withThreads(Integer.getInteger("simulation.threads", 1))
                        .run(FIRST, FIRST + SEEDS - 1);
        System.out.printf(
                "%s, %d replicas: %d seeds, %,d events, %d operations, digest %x%n%s%n",
                order,
                replicas,
                summary.seeds(),
                summary.events(),
                summary.operations(),
                summary.digest(),
                summary.exercised().byName());
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        if (SEEDS >= 100) {
            for (Deed deed :
                    List.of(
                            Deed.EPOCHS,
                            Deed.MEMBERS_GONE,
                            Deed.MEMBERS_TAKEN_IN,
                            Deed.DISKS_LOST,
                            Deed.SNAPSHOTS_INSTALLED,
                            Deed.TOTAL_FAILURES)) {
                assertThat(summary.exercised().count(deed)).as(deed.name()).isPositive();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"logical-clock, 2", "replica-ids, 3"})
    void theSameSeedGivesTheSameRun(String order, int replicas) {
        for (long seed = 1; seed <= 3; seed++) {
            SimulationReport once = Simulation.run(setup(order, replicas), seed);
            SimulationReport again = Simulation.run(setup(order, replicas), seed);
            assertThat(again.digest()).isEqualTo(once.digest());
            assertThat(again.events()).isEqualTo(once.events());
        }
    }
}
