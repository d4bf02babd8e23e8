package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.junit.SimulatedTest;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.Pending;
import dev.lockstep.testkit.simulator.Scenario;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedCluster;
import dev.lockstep.testkit.simulator.SimulatedService;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Members come, go and lose their disks, and clients notice nothing.
///
/// `-Dreconfiguration.stride=1` puts a crash between every pair of events, instead of every so
/// manieth.
class ReconfigurationTest {

    private static final int SEEDS = 12;
    private static final int STRIDE = Integer.getInteger("reconfiguration.stride", 17);

    private static SimulatedClient.Typed<Integer, AddingMachine.Reply> adder(
            SimulatedCluster cluster) {
        return AddingMachine.of(cluster.client());
    }

    @SimulatedTest(machine = AddingMachine.class, spares = 2, seeds = SEEDS)
    void a_cluster_of_three_grows_to_five_and_shrinks_again(SimulatedCluster cluster) {
        SimulatedClient.Typed<Integer, AddingMachine.Reply> adder = adder(cluster);
        assertThat(adder.send(1).sum()).isEqualTo(1);
        cluster.members().add(4);
        cluster.members().add(5);
        assertThat(cluster.members().list()).containsExactly(1, 2, 3, 4, 5);
        assertThat(adder.send(2).sum()).isEqualTo(3);
        cluster.crash(1);
        cluster.crash(2);
        assertThat(adder.send(3).sum()).isEqualTo(6);
        cluster.restart(1);
        cluster.restart(2);
        cluster.members().remove(cluster.awaitLeader());
        cluster.members().remove(cluster.awaitLeader());
        assertThat(cluster.members().list()).hasSize(3);
        assertThat(adder.send(4).sum()).isEqualTo(10);
    }

    @SimulatedTest(machine = AddingMachine.class, spares = 3, seeds = SEEDS)
    void every_member_is_replaced_in_turn(SimulatedCluster cluster) {
        SimulatedClient.Typed<Integer, AddingMachine.Reply> adder = adder(cluster);
        for (int id = 1; id <= 3; id++) {
            adder.send(id);
            cluster.members().replace(id, id + 3);
            cluster.crash(id);
        }
        assertThat(cluster.members().list()).containsExactly(4, 5, 6);
        assertThat(adder.send(4).sum()).isEqualTo(10);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void one_that_lost_its_disk_is_put_back_by_itself(SimulatedCluster cluster) {
        SimulatedClient.Typed<Integer, AddingMachine.Reply> adder = adder(cluster);
        for (int id = 1; id <= 3; id++) {
            adder.send(id);
            cluster.members().loseDisk(id);
            cluster.restart(id);
            int returned = id;
            long executed = id;
            cluster.await(
                    () -> cluster.executed(returned) >= executed, "replica " + id + " is back");
            // Only as a member again does it make up a majority with one other.
            cluster.awaitQuiet();
            cluster.runFor(Duration.ofSeconds(1));
            int other = id == 3 ? 1 : id + 1;
            cluster.crash(other);
            assertThat(adder.send(10).sum()).isEqualTo(id * (id + 1) / 2 + 10 * id);
            cluster.restart(other);
            cluster.awaitLeader();
            cluster.awaitQuiet();
        }
    }

    /// What is done to the members while somebody crashes.
    enum Change {
        ADD {
            @Override
            void begin(SimulatedCluster cluster) {
                cluster.members().beginToAdd(4);
            }

            @Override
            void finish(SimulatedCluster cluster) {
                cluster.members().awaitChange();
                assertThat(cluster.members().list()).containsExactly(1, 2, 3, 4);
            }
        },
        REMOVE_THE_LEADER {
            @Override
            void begin(SimulatedCluster cluster) {
                cluster.members().beginToRemove(1);
            }

            @Override
            void finish(SimulatedCluster cluster) {
                cluster.members().awaitChange();
                assertThat(cluster.members().list()).containsExactly(2, 3);
            }
        },
        REPLACE {
            @Override
            void begin(SimulatedCluster cluster) {
                cluster.members().beginToReplace(2, 4);
            }

            @Override
            void finish(SimulatedCluster cluster) {
                cluster.members().awaitChange();
                assertThat(cluster.members().list()).containsExactly(1, 3, 4);
            }
        };

        abstract void begin(SimulatedCluster cluster);

        abstract void finish(SimulatedCluster cluster);
    }

    /// One run: a change begins, so many events pass, and a replica dies, of its power or of
    /// itself.
    private record Interrupted(Change change, int events, int victim, boolean losesPower)
            implements Scenario {

        @Override
        public void play(SimulatedCluster cluster) {
            SimulatedClient client = cluster.client();
            SimulatedClient.Typed<Integer, AddingMachine.Reply> adder = AddingMachine.of(client);
            adder.send(1);
            cluster.awaitQuiet();
            cluster.runFor(Duration.ofMillis(100));
            change.begin(cluster);
            List<Pending> pending = new ArrayList<>();
            pending.add(adder.begin(2));
            cluster.runEvents(events);
            if (losesPower) {
                cluster.loseUnsyncedWrites(victim);
            } else {
                cluster.crash(victim);
            }
            pending.add(adder.begin(3));
            cluster.runFor(Duration.ofMillis(30));
            cluster.restart(victim);
            change.finish(cluster);
            assertThat(adder.send(4).sum()).isEqualTo(10);
            pending.forEach(Pending::await);
        }
    }

    @ParameterizedTest
    @EnumSource(Change.class)
    void whoever_dies_between_any_two_events_it_comes_about(Change change) {
        int runs = 0;
        for (int victim = 1; victim <= 4; victim++) {
            for (int events = victim; events < 260; events += STRIDE) {
                for (boolean losesPower : new boolean[] {true, false}) {
                    run(new Interrupted(change, events, victim, losesPower));
                    runs++;
                }
            }
        }
        System.out.println(runs + " runs with a crash in the midst of " + change);
    }

    private static void run(Interrupted scenario) {
        SimulationSetup setup =
                SimulationSetup.of("leader")
                        .withReplicas(3)
                        .withSpares(1)
                        .withService(SimulatedService.of(AddingMachine::new))
                        .withScenario(scenario, Forecast.CALM);
        try {
            var _ = Simulation.run(setup, 1 + scenario.events());
        } catch (SimulationFailure failure) {
            throw new AssertionError(scenario + ": " + failure.getMessage(), failure);
        }
    }
}
