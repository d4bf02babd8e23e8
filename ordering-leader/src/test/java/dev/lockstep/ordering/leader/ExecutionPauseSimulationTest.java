package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.StateMachine;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.OrderingProviders;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.BrokenReplicas;
import dev.lockstep.replica.Replica;
import dev.lockstep.replica.ReplicaListener;
import dev.lockstep.replica.ReplicaOptions;
import dev.lockstep.replica.ReplicaPorts;
import dev.lockstep.replica.SnapshotOptions;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.Pending;
import dev.lockstep.testkit.simulator.Product;
import dev.lockstep.testkit.simulator.Scenario;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedCluster;
import dev.lockstep.testkit.simulator.SimulatedService;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/// Members whose state cannot be frozen stop executing one at a time.
class ExecutionPauseSimulationTest {

    private static final long FIRST = Long.getLong("pauses.first", 1);
    private static final long SEEDS = Long.getLong("pauses.seeds", 80);

    @Test
    void noTwoMembersStopExecutingAtOnce() {
        SimulationSummary summary =
                SimulationRunner.of(LeaderSetup.of(Rules.CORRECT)).run(FIRST, FIRST + SEEDS - 1);
        summary.requireNoFailure();
        assertThat(summary.exercised().count(Deed.EXECUTION_PAUSES)).isPositive();
    }

    /// And the simulator sees it when they do.
    @Test
    void whoDoesNotWaitForItsTurnIsNoticed() {
        SimulationSummary summary =
                SimulationRunner.of(
                                LeaderSetup.of(Rules.CORRECT)
                                        .withProduct(BrokenReplicas.PAUSES_OUT_OF_TURN))
                        .run(1, 400);
        assertThat(summary.failures())
                .singleElement()
                .asString()
                .contains("one member at a time executes nothing");
    }

    /// Takes snapshots often.
    private static final Product SNAPSHOTS_OFTEN =
            new Product() {
                @Override
                public Replica createReplica(
                        ReplicaOptions options,
                        OrderingProvider<?, ?> provider,
                        OrderingProviders others,
                        StateMachine machine,
                        ReplicaPorts ports) {
                    SnapshotOptions often = new SnapshotOptions(2_000, Long.MAX_VALUE, 1 << 20);
                    return Product.WHOLE.createReplica(
                            options.withSnapshots(often), provider, others, machine, ports);
                }
            };

    /// A replica is removed when another has just stopped executing.
    private static final class RemovedInPause
            implements Scenario, Function<ReplicaId, ReplicaListener> {

        private final TreeSet<ReplicaId> paused = new TreeSet<>();

        /// How many times one that executed nothing went on to the next epoch.
        private int epochsInPauses;

        @Override
        public ReplicaListener apply(ReplicaId id) {
            return new ReplicaListener() {
                @Override
                public void onExecutionPaused(long position) {
                    paused.add(id);
                }

                @Override
                public void onExecutionResumed(long position, long nanos, int waiting) {
                    paused.remove(id);
                }

                @Override
                public void onEpoch(Reign reign) {
                    epochsInPauses += paused.contains(id) ? 1 : 0;
                }
            };
        }

        @Override
        public void play(SimulatedCluster cluster) {
            SimulatedClient client = cluster.client();
            SimulatedClient.Typed<Integer, AddingMachine.Reply> adder = AddingMachine.of(client);
            List<Pending> pending = new ArrayList<>();
            int sum = 0;
            for (int size = 5; size > 3; size--) {
                do {
                    assertThat(sum).as("somebody writes a snapshot").isLessThan(2_000);
                    pending.add(adder.begin(1));
                    sum++;
                    cluster.runFor(Duration.ofMillis(5));
                } while (paused.isEmpty());
                int writer = paused.first().value();
                int gone =
                        cluster.members().list().stream()
                                .filter(id -> id != writer)
                                .max(Integer::compare)
                                .orElseThrow();
                cluster.members().beginToRemove(gone);
                pending.add(adder.begin(1));
                sum++;
                cluster.members().awaitChange();
            }
            assertThat(cluster.members().list()).hasSize(3);
            pending.forEach(Pending::await);
            assertThat(adder.send(1).sum()).isEqualTo(sum + 1);
            cluster.awaitQuiet();
        }
    }

    @Test
    void anEpochEndsWhileAMemberExecutesNothing() {
        int epochsInPauses = 0;
        for (long seed = 1; seed <= 12; seed++) {
            RemovedInPause scenario = new RemovedInPause();
            SimulationSetup setup =
                    SimulationSetup.of("leader")
                            .withReplicas(5)
                            .withProduct(SNAPSHOTS_OFTEN)
                            .withChecks(() -> scenario)
                            .withService(SimulatedService.of(() -> new AddingMachine(false)))
                            .withScenario(scenario, Forecast.CALM);
            var _ = Simulation.run(setup, seed);
            epochsInPauses += scenario.epochsInPauses;
        }
        System.out.println(epochsInPauses + " epochs began while a replica executed nothing");
        assertThat(epochsInPauses).isPositive();
    }
}
