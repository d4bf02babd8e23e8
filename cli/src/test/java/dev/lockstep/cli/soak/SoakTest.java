package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lockstep.cli.Console;
import dev.lockstep.cli.ExitCode;
import dev.lockstep.cli.OperatorException;
import dev.lockstep.testkit.history.HistoryFile;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/// Real processes: each fault once, and what a soak says of a cluster that forgets.
///
/// `lockstep soak` goes on for as long as one likes.
final class SoakTest {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final int CLIENTS = 4;
    private static final String JVM_ARGS = "lockstep.node.jvmargs";

    /// Small and quick to start: three of them share two cores with the clients.
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED");

    @TempDir private Path directory;

    private final StringWriter said = new StringWriter();

    @BeforeEach
    void chooseJvmOptions() throws IOException {
        Path file = Files.write(directory.resolve("jvmargs"), JVM_OPTIONS);
        System.setProperty(JVM_ARGS, file.toString());
    }

    @AfterEach
    void noProcessIsLeft() {
        System.clearProperty(JVM_ARGS);
        assertThat(
                        ProcessHandle.current()
                                .descendants()
                                .map(process -> process.info().commandLine().orElse(""))
                                .filter(words -> words.contains(directory.toString())))
                .isEmpty();
    }

    private SoakPlan plan(Set<FaultKind> faults, int rounds) {
        return new SoakPlan(
                directory.resolve("run"),
                3,
                faults,
                System.nanoTime(),
                CLIENTS,
                LIMIT,
                rounds,
                null);
    }

    private SoakReport report(SoakPlan plan, boolean json) {
        return new SoakReport(new Console(new PrintWriter(said)), plan, json);
    }

    private String told() {
        System.out.println(said);
        return said.toString();
    }

    /// Every round is what `fault` makes of the cluster.
    private int runWith(SoakPlan plan, BiFunction<SoakCluster, SoakLoad, Fault> fault) {
        return new SoakRun(
                        plan,
                        report(plan, false),
                        (cluster, load) ->
                                () ->
                                        new Episode(
                                                List.of(fault.apply(cluster, load)), Duration.ZERO))
                .run();
    }

    @Test
    void nothing_that_is_promised_breaks_under_each_fault_once() throws Exception {
        SoakPlan plan = plan(EnumSet.allOf(FaultKind.class), FaultKind.values().length);

        assertThat(new SoakRun(plan, report(plan, true)).run()).isEqualTo(ExitCode.DONE);

        JsonNode told = new ObjectMapper().readTree(told());
        assertThat(told.path("verdict").asText()).isEqualTo("held");
        // Where there are no namespaces some were left out, and that is said.
        for (FaultKind kind : FaultKind.values()) {
            assertThat(
                            told.path("faults").has(kind.toString())
                                    || told.path("skipped").has(kind.toString()))
                    .as(kind.toString())
                    .isTrue();
        }
    }

    @Test
    void a_cluster_that_goes_back_in_time_as_a_whole_is_found_out() throws Exception {
        SoakPlan plan = plan(EnumSet.of(FaultKind.KILL), 3);

        assertThat(runWith(plan, ForgettingFault::new)).isEqualTo(ExitCode.FAILED);

        String told = told();
        assertThat(told)
                .contains("VIOLATION in round 1", "no order explains", "The smallest window");
        assertThat(Files.readString(directory.resolve("run/violation.txt")))
                .contains(told.substring(told.indexOf("VIOLATION")).strip());
        assertThat(Path.of(after("Data:", told), "1", "identity")).exists();
        assertThat(after("To draw it:", told))
                .isEqualTo(
                        "lockstep check %s --model kv --svg window.svg", after("History:", told));
        assertThat(Path.of(after("Logs:", told), "replica-1.log")).exists();
        List<Operation> history = HistoryFile.read(Path.of(after("History:", told)));
        assertThat(new LinearizabilityChecker(new KeyValueModel()).check(history))
                .matches(verdict -> !verdict.holds());

        assertThatThrownBy(() -> new RunDirectory(directory.resolve("run")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("evidence");
    }

    private static String after(String label, String text) {
        return text.lines()
                .filter(line -> line.startsWith(label))
                .map(line -> line.substring(label.length()).strip())
                .findFirst()
                .orElseThrow();
    }

    /// Somebody ends it before the round gets to look at what a client met.
    private static final class TroubleAndCtrlC implements Fault {
        private final SoakCluster cluster;
        private final SoakLoad load;

        TroubleAndCtrlC(SoakCluster cluster, SoakLoad load) {
            this.cluster = cluster;
            this.load = load;
        }

        @Override
        public FaultKind kind() {
            return FaultKind.CLOCK;
        }

        @Override
        public List<SoakReplica> victims() {
            return cluster.replicas();
        }

        @Override
        public String toString() {
            return "trouble and Ctrl-C";
        }

        @Override
        public void begin() {
            load.onTrouble("a client met what none may meet");
            Thread.currentThread().interrupt();
        }

        @Override
        public void end() {}
    }

    @Test
    void what_was_found_before_it_was_interrupted_is_told() {
        SoakPlan plan = plan(EnumSet.of(FaultKind.CLOCK), 3);

        assertThat(runWith(plan, TroubleAndCtrlC::new)).isEqualTo(ExitCode.FAILED);

        assertThat(told()).contains("VIOLATION in round 1", "a client met what none may meet");
    }

    @Test
    void agreed_time_that_is_wrong_is_found_out() {
        SoakPlan plan = plan(EnumSet.of(FaultKind.CLOCK), 3);

        assertThat(runWith(plan, (cluster, _) -> new AllClocksFault(cluster)))
                .isEqualTo(ExitCode.FAILED);

        assertThat(told()).contains("VIOLATION in round 1", "ahead of the right time");
    }
}
