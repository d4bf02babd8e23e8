package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Consistency;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;

/// A scenario that asserts nothing is judged as every run is: each mistake of the toy is found.
class ScenarioChecksTest {

    private static final int SEEDS = 40;

    /// Two clients ask, one of them a follower, while everything happens that the toy survives.
    private static final Scenario EVENTFUL =
            cluster -> {
                cluster.awaitLeader();
                List<SimulatedClient> clients = List.of(cluster.client(), cluster.clientAt(3));
                for (int i = 0; i < 60; i++) {
                    SimulatedClient client = clients.get(cluster.random().nextInt(2));
                    client.begin(new byte[] {1});
                    client.beginQuery(new byte[0], Consistency.LINEARIZABLE);
                    cluster.runFor(Duration.ofNanos(cluster.random().nextLong(4_000_000)));
                    switch (cluster.random().nextInt(10)) {
                        case 0 -> cluster.resetConnections(1 + cluster.random().nextInt(3));
                        case 1 -> cluster.jumpClock(1, Duration.ofMillis(-100));
                        case 2 -> restart(cluster, 1 + cluster.random().nextInt(3));
                        case 3 -> cluster.cutLink(1, 2);
                        case 4 -> cluster.mendNetwork();
                        case 5, 6 -> {
                            cluster.loseUnsyncedWritesEverywhere();
                            cluster.healAll();
                        }
                        default -> {}
                    }
                }
            };

    private static void restart(SimulatedCluster cluster, int id) {
        if (cluster.random().nextInt(4) > 0) {
            cluster.loseUnsyncedWrites(id);
        } else {
            cluster.crash(id);
        }
        cluster.runFor(Duration.ofMillis(20));
        cluster.restart(id);
    }

    private static SimulationSummary run(ToyFault fault) {
        SimulationSetup setup =
                ToyChecks.setup(fault)
                        .withReplicas(3)
                        .withService(SimulatedService.of(CountingMachine::new))
                        .withScenario(EVENTFUL, Forecast.CALM);
        return SimulationRunner.of(setup).run(1, SEEDS);
    }

    @Test
    void aSoundProtocolPasses() {
        run(ToyFault.NONE).requireNoFailure();
    }

    /// That time stands still shows where there are deadlines, which this machine has not.
    @ParameterizedTest
    @EnumSource(
            value = ToyFault.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "TIME_STANDS_STILL"})
    void everyMistakeIsFound(ToyFault fault) {
        SimulationSummary summary = run(fault);
        assertThat(summary.failures()).as(fault + " in " + SEEDS + " seeds").hasSize(1);
        System.out.println(fault + ": " + summary.failures().getFirst().getMessage());
    }
}
