package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Whoever ends simulated runs before their time is told what they have shown.
final class SimulateEndTest {

    /// By then some have run.
    private static final Duration BUSY = Duration.ofSeconds(4);

    private static final long LIMIT_NANOS = 120_000_000_000L;

    private static Process simulate(String... options) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "simulate"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void awaitWork(Process process) throws InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOS;
        while (process.info().totalCpuDuration().orElse(Duration.ZERO).compareTo(BUSY) < 0) {
            assertThat(process.isAlive() && System.nanoTime() < end).isTrue();
            Thread.sleep(20);
        }
    }

    @Test
    void sigterm_ends_it_and_it_says_what_was_kept() throws Exception {
        Process process = simulate("--seeds", "1..1000000");
        try {
            awaitWork(process);
            process.toHandle().destroy();

            List<String> said = process.inputReader(StandardCharsets.UTF_8).lines().toList();
            assertThat(process.waitFor()).as(said.toString()).isEqualTo(ExitCode.DONE);
            assertThat(said.getLast())
                    .matches(
                            "Interrupted after \\d+ of 1000000 runs: every promise was kept in those\\.");
        } finally {
            process.destroyForcibly();
        }
    }
}
