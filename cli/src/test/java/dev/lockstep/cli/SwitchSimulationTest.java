package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.simulator.ProtocolChecks;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

/// Whole clusters that go from every order to every other in the midst of everything that the
/// simulator makes go wrong, under the checks of all protocols.
///
/// `-Dswitches.seeds=N` and `-Dswitches.first=N` choose others than the first 24 of each order to
/// begin with.
class SwitchSimulationTest {

    private static final long FIRST = Long.getLong("switches.first", 1);
    private static final long SEEDS = Long.getLong("switches.seeds", 24);

    static SimulationSetup setup(String order) {
        SimulationSetup setup = SimulationSetup.of(order).withSwitches();
        return setup.withProtocolOptions(setup.provider()::drawOptions)
                .withChecks(ProtocolChecks.all(ProtocolChecks.installed()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"leader", "logical-clock", "synchronized-clock", "replica-ids"})
    void keepsEveryPromiseWhateverHappens(String order) {
        SimulationSummary summary =
                SimulationRunner.of(setup(order))
                        .withThreads(Integer.getInteger("simulation.threads", 1))
                        .run(FIRST, FIRST + SEEDS - 1);
        System.out.printf(
                "from %s: %d seeds, %,d events, %,d events/s, %d operations, digest %x%n%s%n",
                order,
                summary.seeds(),
                summary.events(),
                summary.eventsPerSecond(),
                summary.operations(),
                summary.digest(),
                summary.exercised().byName());
        if (!summary.failures().isEmpty()) {
            throw summary.failures().getFirst();
        }
        if (SEEDS >= 24) {
            assertThat(summary.exercised().unswitched()).isEmpty();
        }
    }

    @Test
    void theChecksOfEveryProtocolAreThere() {
        assertThat(ProtocolChecks.installed())
                .extracting(ProtocolChecks::name)
                .containsExactlyInAnyOrder("leader", "stability");
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        for (long seed = 1; seed <= 6; seed++) {
            SimulationReport once = Simulation.run(setup("leader"), seed);
            SimulationReport again = Simulation.run(setup("leader"), seed);
            assertThat(again.digest()).isEqualTo(once.digest());
            assertThat(again.exercised().byName()).isEqualTo(once.exercised().byName());
        }
    }

    /// Who looks for a mistake in one order needs no other.
    @Test
    void aRunWithoutSwitchesIsAsItIsWithoutOtherOrders() {
        List<String> orders = List.of("leader", "replica-ids");
        for (String order : orders) {
            int same = 0;
            for (long seed = 1; seed <= 12; seed++) {
                SimulationReport alone = Simulation.run(SimulationSetup.of(order), seed);
                SimulationReport among =
                        Simulation.run(SimulationSetup.of(order).withSwitches(), seed);
                same += alone.digest() == among.digest() ? 1 : 0;
            }
            assertThat(same).isBetween(4, 11);
        }
    }
}
