package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lockstep.testkit.simulator.Exercised.Deed;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/// Faults that a scenario calls by name are events of the schedule, as those that the weather
/// draws.
class NamedFaultsTest {

    private static final Duration MOMENT = Duration.ofMillis(200);

    private static SimulationSetup setup(ToyFault fault, Scenario scenario, Forecast forecast) {
        return ToyChecks.setup(fault)
                .withReplicas(3)
                .withService(SimulatedService.of(CountingMachine::new))
                .withScenario(scenario, forecast);
    }

    private static SimulationFailure failure(SimulationSetup setup, Schedule schedule) {
        return catchThrowableOfType(SimulationFailure.class, () -> Simulation.run(setup, schedule));
    }

    private static Shrunk shrink(SimulationSetup setup, long seed) {
        return Shrinker.of(setup).shrink(failure(setup, Schedule.of(seed)));
    }

    /// Each fault, and what takes it back.
    private static void callAll(SimulatedCluster cluster) {
        SimulatedClient client = cluster.client();
        client.send(new byte[] {1});
        cluster.partition(1, 2);
        cluster.isolate(1);
        cluster.cutLink(1, 2);
        cluster.cutOneWay(2, 3);
        cluster.resetConnections();
        cluster.resetConnections(2);
        cluster.mendNetwork();
        cluster.fillDisk(2);
        cluster.runFor(MOMENT);
        cluster.makeRoom(2);
        cluster.pause(3, MOMENT);
        cluster.jumpClock(3, Duration.ofSeconds(1));
        cluster.failNextSync(3);
        cluster.failNextWrite(2);
        client.send(new byte[] {1});
        cluster.runFor(Duration.ofSeconds(1));
        cluster.healAll();
        cluster.crash(1);
        cluster.runFor(MOMENT);
        cluster.restart(1);
        cluster.loseUnsyncedWrites(2);
        cluster.restart(2);
        cluster.loseUnsyncedWritesEverywhere();
        for (int id = 1; id <= 3; id++) {
            cluster.restart(id);
        }
        cluster.awaitQuiet();
        client.send(new byte[] {1});
    }

    @Test
    void aScheduleLeavesOutEachFaultAndWhatTakesItBack() {
        SimulationSetup setup = setup(ToyFault.NONE, NamedFaultsTest::callAll, Forecast.CALM);
        for (long seed = 1; seed <= 5; seed++) {
            Exercised whole = Simulation.run(setup, seed).exercised();
            Exercised none = Simulation.run(setup, Schedule.parse(seed, "faults:none")).exercised();
            for (Deed deed :
                    List.of(
                            Deed.PARTITIONS,
                            Deed.CRASHES,
                            Deed.PAUSES,
                            Deed.CLOCK_FAULTS,
                            Deed.POWER_FAILURES,
                            Deed.TOTAL_FAILURES)) {
                assertThat(whole.count(deed)).as("whole: " + deed).isPositive();
                assertThat(none.count(deed)).as("none: " + deed).isZero();
            }
        }
    }

    @Test
    void oneNumberIsOneCall() {
        SimulationSetup setup = setup(ToyFault.NONE, NamedFaultsTest::callAll, Forecast.CALM);
        List<String> told =
                Simulation.explain(setup, Schedule.parse(1, "faults:5,12"), DiagramWindow.LAST)
                        .lines();
        List<String> happened =
                told.stream()
                        .filter(line -> line.contains(" the test "))
                        .filter(line -> !line.endsWith(": left out"))
                        .map(line -> line.replaceFirst(".* the test ", ""))
                        .filter(line -> !line.matches("(mends|makes room|restarts) .*"))
                        .toList();
        assertThat(happened).containsExactly("resets all connections", "crashes replica 1");
        assertThat(told)
                .anyMatch(line -> line.endsWith("the test cuts [1, 2] from the others: left out"));
    }

    @Test
    void aScheduleThatLeavesOutNothingIsTheRunOfTheSeed() {
        for (Forecast forecast : Forecast.values()) {
            SimulationSetup setup = setup(ToyFault.NONE, NamedFaultsTest::withLuck, forecast);
            for (long seed = 1; seed <= 10; seed++) {
                long whole = Simulation.run(setup, seed).digest();
                Schedule all = Schedule.of(seed).withFaults(Numbers.parse("1-1000000"));
                assertThat(Simulation.run(setup, all).digest()).isEqualTo(whole);
            }
        }
    }

    /// Chance decides whom a fault hits.
    private static void withLuck(SimulatedCluster cluster) {
        SimulatedClient client = cluster.client();
        for (int i = 0; i < 5; i++) {
            client.begin(new byte[] {1});
            cluster.loseUnsyncedWrites(1 + cluster.random().nextInt(3));
            cluster.partition(1 + cluster.random().nextInt(3));
            cluster.runFor(MOMENT);
            cluster.healAll();
            cluster.runFor(MOMENT);
        }
    }

    /// The toy's sequencer is replica 1; what it forgets, it forgets in a crash.
    @Test
    void aRunIsShrunkToTheFaultThatMatters() {
        Scenario scenario =
                cluster -> {
                    SimulatedClient client = cluster.client();
                    client.send(new byte[] {1});
                    cluster.partition(3);
                    cluster.runFor(MOMENT);
                    cluster.mendNetwork();
                    cluster.jumpClock(2, Duration.ofSeconds(1));
                    cluster.crash(2);
                    cluster.runFor(MOMENT);
                    cluster.restart(2);
                    cluster.pause(3, MOMENT);
                    cluster.awaitQuiet();
                    cluster.crash(1);
                    cluster.restart(1);
                    cluster.resetConnections();
                    client.send(new byte[] {1});
                };
        for (Forecast forecast : Forecast.values()) {
            SimulationSetup setup = setup(ToyFault.FORGETS_A_POSITION, scenario, forecast);
            Shrunk shrunk = shrink(setup, 1);
            System.out.println(forecast + ": " + shrunk + " " + shrunk.schedule());
            assertThat(shrunk.before().faults()).isGreaterThanOrEqualTo(5);
            // One of those that were called, and in a swarm what of its weather helps it.
            assertThat(shrunk.after().faults())
                    .isBetween(1, Math.max(1, shrunk.before().faults() / 5));
            assertThat(shrunk.schedule().toString()).doesNotContain("pipeline", "replicas:");
            Schedule read = Schedule.parse(1, shrunk.schedule().toString());
            assertThat(failure(setup, read)).hasMessage(shrunk.failure().getMessage());
        }
    }

    /// Both say the same but for the line.
    @Test
    void anotherAssertionOfTheTestIsAnotherFailure() {
        SimulationSetup setup =
                setup(
                        ToyFault.NONE,
                        cluster -> {
                            cluster.runFor(MOMENT);
                            cluster.isolate(3);
                            cluster.crash(2);
                            assertThat(cluster.isRunning(2)).isTrue();
                            assertThat(cluster.isRunning(2)).isFalse();
                        },
                        Forecast.CALM);
        Shrunk shrunk = shrink(setup, 1);
        assertThat(shrunk.before().faults()).isEqualTo(2);
        assertThat(shrunk.failure().promise()).isEmpty();
        assertThat(shrunk.schedule().faults()).hasToString("2");
        // What there is not, is not left out.
        assertThat(shrunk.schedule().toString()).doesNotContain("until:", "pipeline");
    }

    @Test
    void aRunThatLacksAChangeOfMembersShowsNothingOfWaiting() {
        SimulationSetup setup =
                setup(
                                ToyFault.NONE,
                                cluster -> {
                                    cluster.awaitLeader();
                                    cluster.members().beginToAdd(4);
                                    cluster.crash(cluster.awaitLeader());
                                    cluster.awaitLeader();
                                },
                                Forecast.CALM)
                        .withSpares(1);
        assertThatThrownBy(() -> Simulation.run(setup, Schedule.parse(1, "faults:2")))
                .hasMessageContaining(
                        "a schedule that leaves out a change of members shows nothing about whether"
                                + " a replica leads");
    }
}
