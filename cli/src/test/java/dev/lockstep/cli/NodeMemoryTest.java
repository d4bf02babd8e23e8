package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What cli/node.jvmargs makes of the machine's memory, and of a process that wants more.
@Timeout(60)
final class NodeMemoryTest {

    private static final Path OPTIONS = Path.of("..", "cli", "node.jvmargs");
    private static final int DEMO_REPLICAS = 3;

    /// A process that needs all the memory there is.
    static final class Hog {

        private Hog() {}

        @SuppressWarnings({"InfiniteLoopStatement", "ModifiedButNotUsed"})
        public static void main(String[] arguments) {
            List<byte[]> held = new ArrayList<>();
            while (true) {
                held.add(new byte[1 << 20]);
            }
        }
    }

    @Test
    void aProcessThatNeedsMoreMemorySaysSoAndFails() throws Exception {
        Process hog =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "@" + OPTIONS,
                                "-Xms32m",
                                "-Xmx32m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Hog.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(hog.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(hog.waitFor()).as(said).isEqualTo(3);
        assertThat(said)
                .contains("lockstep: this process (" + hog.pid() + ") has ended, because its heap")
                .contains("LOCKSTEP_JAVA_OPTS=-Xmx8g")
                .doesNotContain("Syntax error")
                .doesNotContain("\tat ");
    }

    @Test
    void theReplicasOfADemoFitIntoOneMachine() throws IOException {
        String share = "-XX:MaxRAMPercentage=";
        List<Integer> shares =
                Files.readAllLines(OPTIONS).stream()
                        .filter(line -> line.startsWith(share))
                        .map(line -> Integer.valueOf(line.substring(share.length())))
                        .toList();
        assertThat(shares).hasSize(1);
        assertThat(DEMO_REPLICAS * shares.getFirst()).isLessThanOrEqualTo(80);
    }
}
