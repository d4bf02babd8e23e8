package dev.lockstep.testkit.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.lockstep.api.CommandContext;
import dev.lockstep.api.ReplyBuffer;
import dev.lockstep.api.ServiceFailureException;
import dev.lockstep.api.StateMachine;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedCluster;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The extension as JUnit runs it: what a test's author sees when it passes and when it fails.
@Isolated("has some seconds to make a failing run shorter")
class SimulatedTestTest {

    @TempDir private Path reports;

    /// @param entries what was published
    /// @param tests how many tests were in the report
    private record Ran(TestExecutionResult result, List<String> entries, int tests) {
        String message() {
            return String.valueOf(result.getThrowable().orElseThrow().getMessage());
        }
    }

    private Ran run(String method, Map<String, String> parameters) {
        return run(Cases.class, method, parameters);
    }

    private Ran run(Class<?> type, String method, Map<String, String> parameters) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectMethod(type, method, SimulatedCluster.class.getName()))
                        .configurationParameter(Story.DIRECTORY, reports.toString())
                        .configurationParameters(parameters)
                        .build();
        return run(request);
    }

    private static Ran run(LauncherDiscoveryRequest request) {
        List<TestExecutionResult> results = new ArrayList<>();
        List<String> entries = new ArrayList<>();
        TestExecutionListener listener =
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        if (test.isTest()) {
                            results.add(result);
                        }
                    }

                    @Override
                    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
                        entries.addAll(entry.getKeyValuePairs().values());
                    }
                };
        LauncherFactory.create().execute(request, listener);
        assertThat(results).hasSize(1);
        return new Ran(results.getFirst(), entries, results.size());
    }

    /// Run by their names, and by nobody else: a nested class of a test is left alone.
    static class Cases {

        private static final List<Long> SEEN = new ArrayList<>();
        private static final Duration MOMENT = Duration.ofMillis(100);

        private int runs;

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 20, firstSeed = 5)
        void passes(SimulatedCluster cluster) {
            SEEN.add(cluster.seed());
            SimulatedClient client = cluster.client();
            assertThat(client.send(new byte[] {3})).containsExactly(3);
            assertThat(client.send(new byte[] {4})).containsExactly(7);
            assertThat(client.query(new byte[0])).containsExactly(7);
        }

        @SimulatedTest(order = "toy", machine = DrawsLots.class, seeds = 20)
        void drawsLots(SimulatedCluster cluster) {
            cluster.client().send(new byte[] {3});
            cluster.awaitQuiet();
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 20)
        void asserts(SimulatedCluster cluster) {
            SEEN.add(cluster.seed());
            cluster.client().send(new byte[] {1});
            cluster.note("is about to fail");
            assertThat(cluster.seed()).as("the seed").isLessThan(4);
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 3)
        void assertsAfterAFault(SimulatedCluster cluster) {
            cluster.resetConnections();
            assertThat(cluster.client().send(new byte[] {1})).containsExactly(2);
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 3)
        void throwsChecked(SimulatedCluster cluster) throws IOException {
            throw new IOException("no file for " + cluster.size());
        }

        @SimulatedTest(
                order = "toy",
                machine = CountMachine.class,
                seed = {30, 10})
        void namesItsSeeds(SimulatedCluster cluster) {
            SEEN.add(cluster.seed());
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 3)
        void remembers(SimulatedCluster cluster) {
            runs++;
            cluster.runFor(Duration.ofMillis(100L * runs));
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 3)
        void assumes(SimulatedCluster cluster) {
            Assumptions.assumeTrue(cluster.size() > 3, "needs more replicas");
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 5)
        void hasOtherParameters(TestInfo info, SimulatedCluster cluster) {
            assertThat(info.getDisplayName()).startsWith("hasOtherParameters");
            assertThat(cluster.client().send(new byte[] {1})).containsExactly(1);
        }

        @SimulatedTest(order = "toy", seeds = 3)
        void namesNoMachine(SimulatedCluster cluster) {}

        @SimulatedTest(order = "toy", machine = NeedsBalance.class, seeds = 3)
        void cannotBeMade(SimulatedCluster cluster) {}

        @SimulatedTest(order = "alphabetical", machine = CountMachine.class)
        void hasUnknownOrder(SimulatedCluster cluster) {}

        @SimulatedTest(order = "toy", machine = CountMachine.class, replicas = 10)
        void isTooLarge(SimulatedCluster cluster) {}

        @SimulatedTest(order = "toy", machine = CountMachine.class, seeds = 0)
        void runsNoSeed(SimulatedCluster cluster) {}

        @SimulatedTest(order = "toy", machine = CountMachine.class)
        void hasNoCluster() {}

        @SimulatedTest(order = "toy", machine = Throws.class, seeds = 3)
        void expectsFailures(SimulatedCluster cluster) {
            assertThat(failsToSend(cluster.client())).isTrue();
        }

        @SimulatedTest(order = "toy", machine = Throws.class, seeds = 3)
        void overlooksFailures(SimulatedCluster cluster) {
            cluster.client().begin(new byte[] {1});
        }

        @SimulatedTest(order = "toy", machine = ReadsSetting.class, seeds = 20)
        void callsFaults(SimulatedCluster cluster) {
            ReadsSetting.setting = 0;
            SimulatedClient client = cluster.client();
            client.send(new byte[] {1});
            cluster.jumpClock(1, Duration.ofSeconds(1));
            cluster.pause(2, MOMENT);
            cluster.resetConnections();
            cluster.crash(3);
            cluster.runFor(MOMENT);
            ReadsSetting.setting = 5;
            cluster.restart(3);
            cluster.runFor(MOMENT);
            ReadsSetting.setting = 0;
            cluster.partition(2);
            cluster.runFor(MOMENT);
            cluster.mendNetwork();
            cluster.awaitQuiet();
            client.send(new byte[] {2});
        }

        @SimulatedTest(
                order = "toy",
                machine = ReadsSetting.class,
                seed = 1,
                schedule = "faults:1-3,5")
        void leavesOutTheFaultThatMatters(SimulatedCluster cluster) {
            callsFaults(cluster);
        }

        @SimulatedTest(order = "toy", machine = CountMachine.class, schedule = "faults:1")
        void replaysPartOfNothing(SimulatedCluster cluster) {}

        @SimulatedTest(order = "toy", machine = CountMachine.class, shrinkSeconds = -1)
        void shrinksForTooShort(SimulatedCluster cluster) {}

        private static boolean failsToSend(SimulatedClient client) {
            try {
                client.send(new byte[] {1});
                return false;
            } catch (ServiceFailureException e) {
                return true;
            }
        }

        @SimulatedTest(
                order = "toy",
                machine = CountMachine.class,
                seeds = 10,
                weather = Forecast.SWARM)
        void livesInAnyWeather(SimulatedCluster cluster) {
            byte sum = 0;
            for (int i = 0; i < 10; i++) {
                assertThat(cluster.client().send(new byte[] {1})).containsExactly(++sum);
                cluster.runFor(Duration.ofMillis(500));
            }
        }
    }

    static class WithMaker {
        @Machine
        StateMachine fromForty() {
            return new NeedsBalance(40);
        }

        @SimulatedTest(order = "toy", seeds = 5)
        void makesItsMachine(SimulatedCluster cluster) {
            assertThat(cluster.client().send(new byte[] {2})).containsExactly(42);
        }
    }

    /// What a machine begins with is the setting that it finds when it is made.
    private static final class ReadsSetting extends CountMachine {
        private static byte setting;

        ReadsSetting() {
            count = setting;
        }
    }

    private static final class NeedsBalance extends CountMachine {
        NeedsBalance(int balance) {
            count = (byte) balance;
        }
    }

    private static final class DrawsLots extends CountMachine {
        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            super.apply(context, command, reply);
            reply.putLong(Double.doubleToLongBits(Math.random()));
        }
    }

    private static final class Throws extends CountMachine {
        @Override
        public void apply(CommandContext context, ByteBuffer command, ReplyBuffer reply) {
            throw new IllegalStateException("not today");
        }
    }

    @Test
    void a_sound_service_is_one_test_with_one_entry() {
        Cases.SEEN.clear();
        Ran ran = run("passes", Map.of());
        assertThat(ran.result().getStatus()).isEqualTo(Status.SUCCESSFUL);
        // The first one twice.
        assertThat(Cases.SEEN).hasSize(22).startsWith(5L, 5L, 5L, 6L).endsWith(24L);
        assertThat(ran.entries())
                .singleElement()
                .asString()
                .matches("20 seeds held: [0-9,]+ events, [0-9.]+ simulated s, .*")
                .contains("commands-acknowledged 40");
    }

    @Test
    void a_machine_that_draws_lots_is_caught() throws IOException {
        Ran ran = run("drawsLots", Map.of());
        assertThat(ran.result().getStatus()).isEqualTo(Status.FAILED);
        assertThat(ran.message())
                .startsWith("seed 1, event ")
                .contains("replicas do the same at version 1: command 1 at position ")
                .contains("  replay   @SimulatedTest(seed = 1)\n")
                .contains("-Dlockstep.seed=1\n");
        Throwable thrown = ran.result().getThrowable().orElseThrow();
        assertThat(thrown.getCause()).isNull();
        assertThat(thrown.getStackTrace())
                .singleElement()
                .extracting(StackTraceElement::getMethodName)
                .isEqualTo("drawsLots");
        Path trace = reports.resolve("SimulatedTestTest.Cases.drawsLots/seed-1.txt");
        assertThat(ran.message()).contains("  trace    " + trace);
        assertThat(Files.readString(trace)).contains("client 1.1 → replica");
        Path diagram = trace.resolveSibling("seed-1.svg");
        assertThat(ran.message()).contains("  diagram  " + diagram);
        assertThat(Files.readString(diagram)).contains("<svg").contains("replica 3");
    }

    @Test
    void a_failed_assertion_shows_its_seed_and_where_it_was() throws IOException {
        Cases.SEEN.clear();
        Ran ran = run("asserts", Map.of(Replay.SHRINK_SECONDS, "0"));
        assertThat(ran.message())
                .startsWith("seed 4, event ")
                .contains("[the seed]")
                .contains("  held     3 seeds before it\n")
                .contains("  replay   @SimulatedTest(seed = 4)\n")
                .contains("mvn test -Dtest='SimulatedTestTest$Cases#asserts' -Dlockstep.seed=4\n");
        // Once for the trace.
        assertThat(Cases.SEEN).containsExactly(1L, 1L, 1L, 2L, 3L, 4L, 4L);
        Throwable cause = ran.result().getThrowable().orElseThrow().getCause();
        assertThat(cause).isInstanceOf(AssertionError.class);
        assertThat(Objects.requireNonNull(cause).getStackTrace())
                .anyMatch(element -> element.getMethodName().equals("asserts"));
        assertThat(Files.readString(reports.resolve("SimulatedTestTest.Cases.asserts/seed-4.txt")))
                .contains("the test is about to fail");
    }

    private static final Pattern SHRUNK =
            Pattern.compile(
                    "  shrunk   from ([0-9,]+) events, 4 faults to ([0-9,]+) events, 1 fault in .* s"
                            + " \\([0-9,]+ runs\\)\n"
                            + " {11}(seed 1, event [0-9]+, at .*)\n"
                            + "  replay   @SimulatedTest\\(seed = 1, schedule = \"(.*)\"\\)\n"
                            + " {11}mvn test -Dtest='SimulatedTestTest\\$Cases#callsFaults'"
                            + " -Dlockstep.seed=1 -Dlockstep.schedule=(.*)\n");

    @Test
    void a_failing_run_is_shrunk_to_the_fault_that_matters_and_replayed() throws IOException {
        Ran ran = run("callsFaults", Map.of());
        assertThat(ran.message())
                .startsWith("seed 1, event ")
                .contains("states are equal at equal positions")
                .contains("  replay   @SimulatedTest(seed = 1)\n")
                .containsPattern(SHRUNK);
        Matcher shrunk = SHRUNK.matcher(ran.message());
        assertThat(shrunk.find()).isTrue();
        assertThat(count(shrunk.group(2))).isLessThanOrEqualTo(count(shrunk.group(1)));
        assertThat(shrunk.group(4))
                .isEqualTo(shrunk.group(5))
                .matches("faults:4(/calm:drift)?(/luck:[0-9]+)?");
        Path trace = reports.resolve("SimulatedTestTest.Cases.callsFaults/seed-1.txt");
        assertThat(Files.readString(trace))
                .contains("callsFaults, seed 1, schedule faults:4")
                .contains("the test crashes replica 3\n")
                .contains("the test pauses replica 2 for 100 ms: left out\n");
        String diagram = Files.readString(trace.resolveSibling("seed-1.svg"));

        Map<String, String> line = Map.of(Seeds.SEED, "1", Replay.SCHEDULE, shrunk.group(5));
        Ran replayed = run("callsFaults", line);
        assertThat(replayed.message())
                .startsWith(shrunk.group(3) + "\n  replay   ")
                .contains("schedule = \"" + shrunk.group(4) + "\")\n")
                .doesNotContain("  shrunk   ", "  beware   ");
        assertThat(Files.readString(trace.resolveSibling("seed-1.svg"))).isEqualTo(diagram);
    }

    private static int count(String digits) {
        return Integer.parseInt(digits.replace(",", ""));
    }

    /// Assertions of a library begin with an empty line, or with one that says nothing.
    @Test
    void what_the_shrunk_run_says_is_told_to_the_end() {
        String[] told = run("assertsAfterAFault", Map.of()).message().split("  shrunk   ", -1);
        assertThat(told).hasSize(2);
        assertThat(told[1].lines().toList().subList(1, 6))
                .first()
                .asString()
                .startsWith("           seed 1, event ");
        assertThat(told[1]).contains("           Expecting actual:\n           [1]\n");
    }

    /// There is nothing sooner than at once.
    @Test
    void a_failure_at_once_is_not_looked_at_for_long() {
        Matcher runs =
                Pattern.compile("to nothing shorter in .* s \\(([0-9,]+) runs?\\)")
                        .matcher(run("throwsChecked", Map.of()).message());
        assertThat(runs.find()).isTrue();
        assertThat(count(runs.group(1))).isLessThan(100);
    }

    @Test
    void a_schedule_leaves_out_what_it_says() {
        Ran ran = run("leavesOutTheFaultThatMatters", Map.of());
        assertThat(ran.result().getStatus()).isEqualTo(Status.SUCCESSFUL);
        assertThat(ran.entries())
                .singleElement()
                .asString()
                .startsWith("seed 1 with the schedule faults:1-3,5 held: ");
        // Another seed has other faults.
        assertThat(run("leavesOutTheFaultThatMatters", Map.of(Seeds.SEED, "2")).message())
                .startsWith("seed 2, event ");
        assertThat(
                        run(
                                        "leavesOutTheFaultThatMatters",
                                        Map.of(Replay.SCHEDULE, "whole", Seeds.SEED, "1"))
                                .message())
                .contains("  replay   @SimulatedTest(seed = 1)\n")
                .doesNotContain("  shrunk   ");
    }

    @Test
    void a_parameter_turns_shrinking_off() {
        assertThat(run("callsFaults", Map.of(Replay.SHRINK_SECONDS, "0")).message())
                .doesNotContain("  shrunk   ")
                .contains("  diagram  ");
    }

    @Test
    void a_parameter_chooses_the_seed() {
        Cases.SEEN.clear();
        assertThat(run("asserts", Map.of(Seeds.SEED, "3")).result().getStatus())
                .isEqualTo(Status.SUCCESSFUL);
        assertThat(Cases.SEEN).containsOnly(3L);
        assertThat(run("asserts", Map.of(Seeds.SEED, "4711")).message()).startsWith("seed 4711,");
        assertThat(run("asserts", Map.of(Seeds.SEED, "next")).message())
                .isEqualTo("lockstep.seed is a seed, a whole number, not 'next'");
    }

    @Test
    void a_parameter_chooses_how_many() {
        Cases.SEEN.clear();
        run("passes", Map.of(Seeds.COUNT, "2"));
        assertThat(Cases.SEEN).containsExactly(5L, 5L, 5L, 6L);
        assertThat(run("passes", Map.of(Seeds.COUNT, "0")).message())
                .isEqualTo("lockstep.seeds is a number of seeds, 1 or more, not '0'");
    }

    @Test
    void named_seeds_are_run_and_no_others() {
        Cases.SEEN.clear();
        assertThat(run("namesItsSeeds", Map.of()).result().getStatus())
                .isEqualTo(Status.SUCCESSFUL);
        assertThat(Cases.SEEN).containsExactly(30L, 30L, 30L, 10L);
    }

    @Test
    void a_test_that_remembers_is_caught() {
        assertThat(run("remembers", Map.of()).message())
                .startsWith("seed 1 took another course when it was run again");
    }

    @Test
    void what_junit_means_stays_so() {
        assertThat(run("assumes", Map.of()).result().getStatus()).isEqualTo(Status.ABORTED);
        assertThat(run("throwsChecked", Map.of()).message())
                .contains("java.io.IOException: no file for 3")
                .contains("  shrunk   from 0 events, 0 faults to nothing shorter in ")
                .doesNotContain("schedule");
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(
                                selectMethod(
                                        Cases.class,
                                        "hasOtherParameters",
                                        TestInfo.class.getName()
                                                + ","
                                                + SimulatedCluster.class.getName()))
                        .build();
        assertThat(run(request).result().getStatus()).isEqualTo(Status.SUCCESSFUL);
    }

    @Test
    void a_method_may_make_the_machine() {
        assertThat(run(WithMaker.class, "makesItsMachine", Map.of()).result().getStatus())
                .isEqualTo(Status.SUCCESSFUL);
    }

    @Test
    void failures_of_the_service_are_the_tests_to_judge() {
        assertThat(run("expectsFailures", Map.of()).result().getStatus())
                .isEqualTo(Status.SUCCESSFUL);
        assertThat(run("overlooksFailures", Map.of()).message())
                .contains("the service threw and the test did not look: [01]: ");
    }

    @Test
    void any_weather_will_do() {
        Ran ran = run("livesInAnyWeather", Map.of());
        assertThat(ran.result().getStatus()).isEqualTo(Status.SUCCESSFUL);
        assertThat(ran.entries()).singleElement().asString().contains("crashes ");
    }

    @Test
    void mistakes_have_a_sentence() {
        assertThat(run("namesNoMachine", Map.of()).message())
                .isEqualTo(
                        "Cases has a @SimulatedTest without a machine: name the machine's class,"
                                + " @SimulatedTest(machine = …), or annotate one method that makes it"
                                + " with @Machine");
        assertThat(run("cannotBeMade", Map.of()).message())
                .startsWith("machine = NeedsBalance.class has no constructor without parameters");
        assertThat(run("hasUnknownOrder", Map.of()).message())
                .isEqualTo(
                        "@SimulatedTest: there is no order 'alphabetical' to simulate; choose from"
                                + " [toy]");
        assertThat(run("isTooLarge", Map.of()).message())
                .isEqualTo("@SimulatedTest: a simulated cluster has 1 to 9 replicas, not 10");
        assertThat(run("replaysPartOfNothing", Map.of()).message())
                .isEqualTo(
                        "the schedule 'faults:1' is a part of one seed: name that too, as"
                                + " -Dlockstep.seed=N or in @SimulatedTest(seed = N, schedule = …)");
        assertThat(run("replaysPartOfNothing", Map.of(Replay.SCHEDULE, "faults:some")).message())
                .startsWith("the schedule 'faults:some' is a part of one seed");
        assertThat(
                        run(
                                        "replaysPartOfNothing",
                                        Map.of(Replay.SCHEDULE, "faults:some", Seeds.SEED, "1"))
                                .message())
                .isEqualTo(
                        "the schedule 'faults:some' cannot be run: 'some' is no list of numbers"
                                + " such as 3,7-19, nor 'none' or 'all'");
        assertThat(run("shrinksForTooShort", Map.of()).message())
                .isEqualTo(
                        "a @SimulatedTest shrinks a failure for 0 seconds or more, not"
                                + " shrinkSeconds = -1");
        assertThat(run("asserts", Map.of(Replay.SHRINK_SECONDS, "soon")).message())
                .isEqualTo("lockstep.shrinkSeconds is a number of seconds, 0 or more, not 'soon'");
        assertThat(run("runsNoSeed", Map.of()).message())
                .isEqualTo("a @SimulatedTest runs at least one seed, not seeds = 0");
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectMethod(Cases.class, "hasNoCluster"))
                        .build();
        assertThat(run(request).message())
                .isEqualTo(
                        "hasNoCluster has no parameter of type SimulatedCluster: add one, it is the"
                                + " cluster of a seed");
    }
}
