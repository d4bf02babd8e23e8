package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `lockstep demo` as a process: what it starts, and that nothing of it is left behind.
final class DemoTest {

    private static final Pattern REPLICA =
            Pattern.compile("  (\\d) +127\\.0\\.0\\.1:\\d+ +127\\.0\\.0\\.1:(\\d+) +\\S+ +(\\d+)");

    private static final Pattern MOURNED =
            Pattern.compile(
                    "Replica 2 was killed by signal 9; the others go on while two of three live\\."
                            + " Start it again: lockstep node --config '(.+)' --id (2)");

    @TempDir private Path directory;

    private @Nullable Process demo;

    /// What the demo printed until it was ready.
    private final List<String> greeting = new ArrayList<>();

    private final List<Integer> redisPorts = new ArrayList<>();
    private final List<ProcessHandle> replicas = new ArrayList<>();

    @AfterEach
    void killWhatIsLeft() {
        if (demo != null) {
            demo.destroyForcibly();
        }
        replicas.forEach(ProcessHandle::destroyForcibly);
    }

    private Process launch(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "demo", "--directory"));
        command.add(directory.resolve("of the demo").toString());
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private void start(String... options) throws IOException {
        Process started = launch(options);
        demo = started;
        greeting.clear();
        redisPorts.clear();
        replicas.clear();
        BufferedReader out = output();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            greeting.add(line);
            Matcher replica = REPLICA.matcher(line);
            if (replica.matches()) {
                redisPorts.add(Integer.parseInt(replica.group(2)));
                replicas.add(ProcessHandle.of(Long.parseLong(replica.group(3))).orElseThrow());
            }
            if (line.startsWith("Ctrl-C")) {
                return;
            }
        }
        throw new AssertionError("the demo ended: " + String.join("\n", greeting));
    }

    private BufferedReader output() {
        return Objects.requireNonNull(demo).inputReader(StandardCharsets.UTF_8);
    }

    @Test
    void a_replica_that_dies_is_named_with_how_to_start_it_again() throws Exception {
        start();
        replicas.get(1).destroyForcibly();

        String said = output().readLine();
        Matcher mourned = MOURNED.matcher(said);
        assertThat(mourned.matches()).as(said).isTrue();

        ProcessBuilder again =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "node",
                        "--config",
                        mourned.group(1),
                        "--id",
                        mourned.group(2));
        Process second = again.redirectErrorStream(true).start();
        replicas.add(second.toHandle());
        BufferedReader out = second.inputReader(StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith("Replica 2 serves clients")) {
                break;
            }
        }
        assertThat(lines).last().asString().startsWith("Replica 2 serves clients");
    }

    private static void awaitEnd(List<ProcessHandle> processes) throws InterruptedException {
        Await.until(
                () -> "the end of " + processes,
                () -> processes.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void the_replicas_end_with_the_demo_and_the_data_stays() throws Exception {
        start();
        assertThat(replicas).hasSize(3);
        try (RedisConnection redis = new RedisConnection("127.0.0.1", redisPorts.get(0))) {
            assertThat(redis.ask("SET", "greeting", "hello")).isEqualTo("OK");
        }
        Process first = Objects.requireNonNull(demo);

        Process second = launch();
        String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(second.waitFor()).isEqualTo(ExitCode.FAILED);
        assertThat(said.lines()).hasSize(1);
        assertThat(said).contains("another 'lockstep demo' runs on");

        first.destroyForcibly();
        awaitEnd(replicas);

        start();
        try (RedisConnection redis = new RedisConnection("127.0.0.1", redisPorts.get(2))) {
            assertThat(redis.ask("GET", "greeting")).isEqualTo("hello");
        }
        Process again = Objects.requireNonNull(demo);
        again.toHandle().destroy();
        assertThat(again.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).isZero();
        assertThat(replicas).noneMatch(ProcessHandle::isAlive);

        start("--fresh");
        try (RedisConnection redis = new RedisConnection("127.0.0.1", redisPorts.get(1))) {
            assertThat(redis.ask("GET", "greeting")).isEqualTo(RedisConnection.NOTHING);
        }
    }
}
