package dev.lockstep.ordering.stability;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Members come, go and lose their disks under each of the three clocks, and clients notice
/// nothing. Switches of order have their own test, `SwitchCrashTest` of `cli`.
///
/// `-Dreconfiguration.stride=1` puts a crash between every pair of events, instead of every so
/// manieth.
class ReconfigurationTest {

    private static final int STRIDE = Integer.getInteger("reconfiguration.stride", 41);

    /// Long after the last one of a change.
    private static final int EVENTS = 260;

    private static final int SEEDS = 4;

    // --- one after the other ---

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void a_cluster_of_three_grows_to_five_and_shrinks_again(String order) {
        run(
                order,
                2,
                cluster -> {
                    SimulatedClient.Typed<Integer, Long> adder = AddingMachine.client(cluster);
                    assertThat(adder.send(1)).isEqualTo(1);
                    cluster.members().add(4);
                    cluster.members().add(5);
                    assertThat(cluster.members().list()).containsExactly(1, 2, 3, 4, 5);
                    assertThat(adder.send(2)).isEqualTo(3);
                    cluster.crash(1);
                    cluster.crash(2);
                    assertThat(adder.send(3)).isEqualTo(6);
                    cluster.restart(1);
                    cluster.restart(2);
                    cluster.members().remove(1);
                    cluster.members().remove(5);
                    assertThat(cluster.members().list()).containsExactly(2, 3, 4);
                    cluster.crash(3);
                    assertThat(adder.send(4)).isEqualTo(10);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void every_member_is_replaced_in_turn(String order) {
        run(
                order,
                3,
                cluster -> {
                    SimulatedClient.Typed<Integer, Long> adder = AddingMachine.client(cluster);
                    for (int id = 1; id <= 3; id++) {
                        adder.send(id);
                        cluster.members().replace(id, id + 3);
                        cluster.crash(id);
                    }
                    assertThat(cluster.members().list()).containsExactly(4, 5, 6);
                    assertThat(adder.send(4)).isEqualTo(10);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"logical-clock", "synchronized-clock", "replica-ids"})
    void one_that_lost_its_disk_is_put_back_by_itself(String order) {
        run(
                order,
                0,
                cluster -> {
                    SimulatedClient.Typed<Integer, Long> adder = AddingMachine.client(cluster);
                    for (int id = 1; id <= 3; id++) {
                        adder.send(id);
                        cluster.members().loseDisk(id);
                        cluster.restart(id);
                        int returned = id;
                        long executed = id;
                        cluster.await(
                                () -> cluster.executed(returned) >= executed,
                                "replica " + id + " is back");
                        // Only as a member again does it make up a majority with one other.
                        cluster.awaitQuiet();
                        cluster.runFor(Duration.ofSeconds(1));
                        int other = id == 3 ? 1 : id + 1;
                        cluster.crash(other);
                        assertThat(adder.send(10)).isEqualTo(id * (id + 1) / 2 + 10 * id);
                        cluster.restart(other);
                        cluster.awaitQuiet();
                    }
                });
    }

    private static void run(String order, int spares, Scenario scenario) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            run(order, spares, scenario, seed);
        }
    }

    // --- with a crash between any two events ---

    /// What is done to the members while somebody crashes.
    enum Change {
        ADD {
            @Override
            List<Integer> members() {
                return List.of(1, 2, 3, 4);
            }

            @Override
            void begin(SimulatedCluster cluster) {
                cluster.members().beginToAdd(4);
            }
        },
        REMOVE {
            @Override
            List<Integer> members() {
                return List.of(2, 3);
            }

            @Override
            void begin(SimulatedCluster cluster) {
                cluster.members().beginToRemove(1);
            }
        },
        REPLACE {
            @Override
            List<Integer> members() {
                return List.of(1, 3, 4);
            }

            @Override
            void begin(SimulatedCluster cluster) {
                cluster.members().beginToReplace(2, 4);
            }
        };

        /// Who they are then.
        abstract List<Integer> members();

        abstract void begin(SimulatedCluster cluster);
    }

    /// A change under an order.
    record Case(String order, Change change) {}

    static Stream<Case> cases() {
        return Mutant.CLOCKS.stream()
                .flatMap(order -> Stream.of(Change.values()).map(each -> new Case(order, each)));
    }

    /// One run: a change begins, so many events pass, and a replica dies, of its power or of
    /// itself.
    private record Interrupted(Change change, int events, int victim, boolean losesPower)
            implements Scenario {

        @Override
        public void play(SimulatedCluster cluster) {
            SimulatedClient.Typed<Integer, Long> adder = AddingMachine.client(cluster);
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
            cluster.members().awaitChange();
            assertThat(cluster.members().list()).isEqualTo(change.members());
            assertThat(adder.send(4)).isEqualTo(10);
            pending.forEach(Pending::await);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whoever_dies_between_any_two_events_it_comes_about(Case each) {
        int runs = 0;
        for (int victim = 1; victim <= 4; victim++) {
            for (int events = victim; events < EVENTS; events += STRIDE) {
                for (boolean losesPower : new boolean[] {true, false}) {
                    Scenario scenario = new Interrupted(each.change(), events, victim, losesPower);
                    run(each.order(), 1, scenario, 1 + events);
                    runs++;
                }
            }
        }
        System.out.println(runs + " runs with a crash in the midst of " + each);
    }

    private static void run(String order, int spares, Scenario scenario, long seed) {
        try {
            var _ = Simulation.run(setup(order, spares, scenario), seed);
        } catch (SimulationFailure failure) {
            throw new AssertionError(
                    order + ", seed " + seed + ", " + scenario + ": " + failure.getMessage(),
                    failure);
        }
    }

    private static SimulationSetup setup(String order, int spares, Scenario scenario) {
        return StabilitySetup.of(order, Rules.CORRECT)
                .withReplicas(3)
                .withSpares(spares)
                .withService(SimulatedService.of(AddingMachine::new))
                .withScenario(scenario, Forecast.CALM);
    }
}
