package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Consistency;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.Scenario;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedService;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationReport;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/// A scenario of a few lines finds mistakes of the protocol that chance finds late, though it
/// asserts nothing: what clients learn is judged.
class ScenariosCatchMistakesTest {

    private static final Duration MOMENT = Duration.ofSeconds(2);

    /// A leader that was cut off is asked after another has gone on.
    private static final Scenario ASKS_THE_OLD_LEADER =
            cluster -> {
                var client = AddingMachine.of(cluster.client());
                client.send(1);
                int old = cluster.awaitLeader();
                SimulatedClient atOld = cluster.clientAt(old).withDeadline(MOMENT);
                atOld.query(new byte[0]);
                cluster.isolate(old);
                cluster.awaitLeader();
                AddingMachine.of(cluster.client()).send(1);
                atOld.beginQuery(new byte[0], Consistency.LINEARIZABLE);
            };

    /// All power fails just when a command has been acknowledged.
    private static final Scenario TAKES_ALL_POWER =
            cluster -> {
                var client = AddingMachine.of(cluster.client());
                for (int i = 0; i < 10; i++) {
                    client.send(1);
                    cluster.loseUnsyncedWritesEverywhere();
                    cluster.healAll();
                }
            };

    private static SimulationSetup setup(Rules rules, Scenario scenario) {
        return SimulationSetup.of(new LeaderOrderingProvider(rules))
                .withReplicas(3)
                .withService(SimulatedService.of(AddingMachine::new))
                .withScenario(scenario, Forecast.CALM);
    }

    private static void assertFinds(String promise, Rules broken, Scenario scenario) {
        SimulationRunner.of(setup(Rules.CORRECT, scenario)).run(1, 30).requireNoFailure();
        SimulationSummary summary = SimulationRunner.of(setup(broken, scenario)).run(1, 30);
        assertThat(summary.failures()).singleElement().asString().contains(promise);
    }

    @Test
    void reads_that_a_leader_answers_without_asking() {
        assertFinds(
                "a read sees what was acknowledged before it",
                Mutant.READS_WITHOUT_ASKING.rules(),
                ASKS_THE_OLD_LEADER);
    }

    @Test
    void acknowledgements_before_the_sync() {
        assertFinds("", Mutant.ACKNOWLEDGES_BEFORE_SYNC.rules(), TAKES_ALL_POWER);
    }

    /// A member that was cut off comes back: nobody else should notice.
    private static final Scenario COMES_BACK =
            cluster -> {
                int leader = cluster.awaitLeader();
                cluster.awaitQuiet();
                cluster.isolate(cluster.followers().getFirst());
                cluster.runFor(MOMENT);
                cluster.mendNetwork();
                cluster.runFor(MOMENT);
                assertThat(cluster.leader())
                        .as("the leader that everybody hears")
                        .isEqualTo(leader);
            };

    /// No member reaches another.
    private static final Scenario STANDS_ALONE =
            cluster -> {
                cluster.awaitLeader();
                cluster.awaitQuiet();
                cluster.isolate(1);
                cluster.isolate(2);
                cluster.runFor(MOMENT);
            };

    @Test
    void a_member_that_comes_back_and_stands_without_asking() {
        Rules withoutPreVote =
                new Rules() {
                    @Override
                    boolean asksBeforeStanding() {
                        return false;
                    }
                };
        assertFinds("the leader that everybody hears", withoutPreVote, COMES_BACK);
    }

    @Test
    void a_leader_that_leads_nobody() {
        Rules stubborn =
                new Rules() {
                    @Override
                    boolean checksQuorum() {
                        return false;
                    }
                };
        assertThat(stepDowns(Rules.CORRECT)).isEqualTo(10);
        // A few step down for another reason, once they hear each other again.
        assertThat(stepDowns(stubborn)).isLessThan(5);
    }

    private static long stepDowns(Rules rules) {
        return SimulationRunner.of(setup(rules, STANDS_ALONE))
                .run(1, 10)
                .requireNoFailure()
                .exercised()
                .count(Deed.STEP_DOWNS);
    }

    @Test
    void power_failures_really_lose_what_was_not_synced() {
        Scenario scenario =
                cluster -> {
                    var client = AddingMachine.of(cluster.client());
                    for (int i = 0; i < 20; i++) {
                        client.begin(1);
                        cluster.runFor(Duration.ofNanos(cluster.random().nextLong(5_000_000)));
                        cluster.loseUnsyncedWrites(1 + cluster.random().nextInt(3));
                        cluster.healAll();
                    }
                };
        SimulationSummary summary =
                SimulationRunner.of(setup(Rules.CORRECT, scenario)).run(1, 200).requireNoFailure();
        assertThat(summary.exercised().count(Deed.TORN_TAILS)).isPositive();
        assertThat(summary.exercised().count(Deed.POWER_FAILURES)).isEqualTo(4_000);
    }

    @Test
    void connections_really_end() {
        Scenario scenario =
                cluster -> {
                    var client = AddingMachine.of(cluster.client());
                    client.send(1);
                    cluster.resetConnections(1);
                    cluster.resetConnections();
                    client.send(1);
                };
        SimulationSummary summary =
                SimulationRunner.of(setup(Rules.CORRECT, scenario)).run(1, 20).requireNoFailure();
        // Two of replica 1, then the third, which is the last that is up.
        assertThat(summary.exercised().count(Deed.CONNECTIONS_RESET)).isBetween(20L, 60L);
        assertThat(summary.exercised().count(Deed.CLIENT_CONNECTIONS_LOST)).isPositive();
    }

    @Test
    void the_same_seed_gives_the_same_run() {
        SimulationSetup setup = setup(Rules.CORRECT, ASKS_THE_OLD_LEADER);
        SimulationReport once = Simulation.run(setup, 7);
        assertThat(Simulation.run(setup, 7).digest()).isEqualTo(once.digest());
        assertThat(Simulation.run(setup, 8).digest()).isNotEqualTo(once.digest());
    }
}
