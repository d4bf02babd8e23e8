package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Nothing that is said after a signal is lost, whatever the work ends with.
final class WindUpTest {

    private static final int CODE = 3;

    /// Work that cannot go on once it is asked to end, and says why as `Main` does.
    static final class Fails {
        private Fails() {}

        public static void main(String[] arguments) throws Exception {
            CountDownLatch asked = new CountDownLatch(1);
            try (WindUp _ = WindUp.ready(asked::countDown, 60)) {
                System.out.println("ready");
                asked.await();
                throw new OperatorException("it cannot go on");
            } catch (OperatorException told) {
                Thread.sleep(300);
                System.out.println(told.getMessage());
            }
            WindUp.exit(CODE);
        }
    }

    /// Work that does not hear.
    static final class Goes {
        private Goes() {}

        public static void main(String[] arguments) throws Exception {
            try (WindUp _ = WindUp.ready(() -> {}, 1)) {
                System.out.println("ready");
                new CountDownLatch(1).await();
            }
        }
    }

    private static Process started(Class<?> work) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        work.getName())
                .redirectErrorStream(true)
                .start();
    }

    @Test
    void work_that_fails_over_it_says_why() throws Exception {
        Process process = started(Fails.class);
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            process.toHandle().destroy();

            List<String> said = out.lines().toList();
            assertThat(said).containsExactly("it cannot go on");
            assertThat(process.waitFor()).isEqualTo(CODE);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void work_that_does_not_end_is_ended() throws Exception {
        Process process = started(Goes.class);
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            process.toHandle().destroy();

            assertThat(process.waitFor()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
    }
}
