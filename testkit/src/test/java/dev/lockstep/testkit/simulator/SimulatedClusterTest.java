package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// A fault that makes no sense has a sentence, and what a scenario leaves behind is healed and
/// checked. That each fault has its effect is shown under a real protocol.
class SimulatedClusterTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static SimulationSetup setup(Scenario scenario) {
        return ToyChecks.setup(ToyFault.NONE)
                .withReplicas(3)
                .withService(SimulatedService.of(CountingMachine::new))
                .withScenario(scenario, Forecast.CALM);
    }

    private static void assertSays(String sentence, ThrowingCallable call) {
        assertThatThrownBy(call).hasMessageContaining(sentence);
    }

    @Test
    void nonsenseHasASentence() {
        Simulation.run(
                setup(
                        cluster -> {
                            assertSays("no replica leads at present", cluster::leader);
                            cluster.awaitLeader();
                            assertSays(
                                    "there is no replica 4: they are 1 to 3",
                                    () -> cluster.crash(4));
                            assertSays("there is no replica 0", () -> cluster.fillDisk(0));
                            assertSays("replica 2 runs already", () -> cluster.restart(2));
                            cluster.crash(2);
                            assertSays(
                                    "nobody can crash replica 2, which is down: restart(2) starts it",
                                    () -> cluster.crash(2));
                            assertSays(
                                    "nobody can pause replica 2", () -> cluster.pause(2, SECOND));
                            assertSays("replica 2 is down", () -> cluster.executed(2));
                            assertSays("replicas on both sides", () -> cluster.partition(1, 2, 3));
                            assertSays("replicas on both sides", cluster::partition);
                            assertSays("no link to itself: 1", () -> cluster.cutLink(1, 1));
                            assertSays("has room: fillDisk(1) fills it", () -> cluster.makeRoom(1));
                            cluster.fillDisk(1);
                            assertSays("is full already", () -> cluster.fillDisk(1));
                            assertSays(
                                    "a clock jumps by at most PT5S",
                                    () -> cluster.jumpClock(1, Duration.ofHours(1)));
                            assertSays(
                                    "a pause is 0 to PT30S, not PT1H",
                                    () -> cluster.pause(1, Duration.ofHours(1)));
                            assertSays(
                                    "a time to run for is 0 to PT1H, not PT-1S",
                                    () -> cluster.runFor(SECOND.negated()));
                            assertSays(
                                    "a deadline is more than 0",
                                    () -> cluster.client().withDeadline(Duration.ZERO));
                        }),
                1);
    }

    @Test
    void whatIsAwaitedInVainFailsTheRun() {
        assertThatThrownBy(
                        () ->
                                Simulation.run(
                                        setup(
                                                cluster -> {
                                                    cluster.crash(cluster.awaitLeader());
                                                    cluster.awaitLeader();
                                                }),
                                        1))
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("a replica leads within 30 simulated s: positions ")
                .hasMessageContaining("replica 1 is down");
    }

    /// The loop that everybody writes first: where it goes on for ever, somebody must say so.
    @Test
    void aScenarioWithoutEndFailsTheRun() {
        SimulationSetup setup =
                setup(
                        cluster -> {
                            while (cluster.members().list().size() < 4) {
                                cluster.runFor(SECOND);
                            }
                        });
        Simulation endless = new Simulation(setup, 1);
        endless.world().timeline.endWithin(3_000);
        assertThatThrownBy(endless::run)
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("event 3000,")
                .hasMessageContaining("a test ends within 3,000 events: a loop that waits");
    }

    @Test
    void theClientsAreBounded() {
        Simulation.run(
                setup(
                        cluster -> {
                            for (int i = 0; i < 63; i++) {
                                cluster.client();
                            }
                            assertSays("has at most 63 clients", cluster::client);
                        }),
                1);
    }

    @Test
    void aClusterServesItsOwnRunAndThreadOnly() throws InterruptedException {
        List<SimulatedCluster> kept = new ArrayList<>();
        AtomicReference<Throwable> elsewhere = new AtomicReference<>();
        Simulation.run(
                setup(
                        cluster -> {
                            kept.add(cluster);
                            Thread other =
                                    Thread.ofPlatform()
                                            .name("other")
                                            .uncaughtExceptionHandler((_, e) -> elsewhere.set(e))
                                            .start(() -> cluster.runFor(SECOND));
                            other.join();
                        }),
                1);
        assertThat(elsewhere.get()).hasMessageContaining("only the thread that runs the scenario");
        assertSays("the run of this cluster is over", () -> kept.getFirst().client());
    }

    @Test
    void whatIsLeftUnhealedIsHealed() {
        SimulationReport report =
                Simulation.run(
                        setup(
                                cluster -> {
                                    cluster.awaitLeader();
                                    cluster.client().begin(new byte[] {1});
                                    cluster.partition(3);
                                    cluster.crash(1);
                                    cluster.fillDisk(2);
                                    cluster.pause(2, Duration.ofSeconds(20));
                                    cluster.jumpClock(3, Duration.ofSeconds(5));
                                }),
                        1);
        assertThat(report.operations()).isEqualTo(1);
        assertThat(report.simulatedNanos()).isGreaterThan(20 * SECOND.toNanos());
    }

    /// Only a replica that starts again shows it.
    @Test
    void aPromiseThatTheScenarioDoesNotLookAtIsChecked() {
        List<CountingMachine> made = new ArrayList<>();
        SimulationSetup broken =
                setup(cluster -> cluster.client().send(new byte[] {1}))
                        .withService(
                                SimulatedService.of(
                                        () -> {
                                            CountingMachine machine = new CountingMachine();
                                            made.add(machine);
                                            machine.count = made.size() == 2 ? 5 : 0;
                                            return machine;
                                        }));
        assertThatThrownBy(() -> Simulation.run(broken, 1))
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining(
                        "states are equal at equal positions: after position 0 replica ");
    }

    @Test
    void aServiceWithoutRequestsNeedsAScenario() {
        SimulationSetup setup =
                ToyChecks.setup(ToyFault.NONE)
                        .withService(SimulatedService.of(CountingMachine::new));
        assertThatThrownBy(() -> Simulation.run(setup, 1))
                .hasMessageContaining("has no requests: give it some, or the setup a scenario");
    }
}
