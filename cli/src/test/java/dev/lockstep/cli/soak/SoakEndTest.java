package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.cli.ExitCode;
import dev.lockstep.cli.Main;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// However a soak ends, it takes everything along that it started.
final class SoakEndTest {

    private static final long LIMIT_NANOS = 240_000_000_000L;

    @TempDir private Path directory;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
        ours().forEach(ProcessHandle::destroyForcibly);
    }

    private Process soak(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
        Path file =
                Files.write(
                        directory.resolve("jvmargs"),
                        List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add("-Dlockstep.node.jvmargs=" + file);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "soak", "--clients", "2"));
        command.addAll(List.of("--directory", directory.resolve("run").toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        started.add(process);
        return process;
    }

    /// Its replicas and their holders have the directory, or a replica's number, among their words.
    private Stream<ProcessHandle> ours() {
        return ProcessHandle.allProcesses()
                .filter(
                        process ->
                                process.info()
                                        .commandLine()
                                        .orElse("")
                                        .contains(directory.toString()));
    }

    @Test
    void sigterm_ends_it_in_good_order_and_it_says_what_was_checked() throws Exception {
        Process soak = soak("--minutes", "5", "--faults", "clock,kill");
        BufferedReader out = soak.inputReader(StandardCharsets.UTF_8);
        awaitFirstRound(out);

        soak.toHandle().destroy();

        List<String> rest = out.lines().toList();
        assertThat(soak.waitFor()).as(rest.toString()).isEqualTo(ExitCode.DONE);
        assertThat(rest.getLast()).startsWith("Interrupted after").contains("linearizable");
        assertThat(ours()).isEmpty();
        assertThat(directory.resolve("run/data")).doesNotExist();
    }

    private static void awaitFirstRound(BufferedReader out) throws IOException {
        List<String> said = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.add(line);
            if (line.matches("\\s*\\d+:\\d\\d\\s+1 .*")) {
                return;
            }
        }
        throw new AssertionError("ended before its first round: " + said);
    }

    @Test
    void a_replica_that_is_paused_when_the_soak_is_killed_does_not_stay() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self")), "paused processes show in /proc");
        Process soak = soak("--minutes", "5", "--faults", "pause");
        await("a replica to be paused", () -> ours().anyMatch(SoakEndTest::isPaused));

        soak.destroyForcibly();

        await("every process to end", () -> ours().findAny().isEmpty());
    }

    private static boolean isPaused(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", process.pid() + "", "stat"));
            return stat.substring(stat.lastIndexOf(')')).startsWith(") T");
        } catch (IOException gone) {
            return false;
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void await(String what, Condition condition) throws InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOS;
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "waited in vain for " + what + "; there is " + ours().toList());
            }
            Thread.sleep(20);
        }
    }
}
