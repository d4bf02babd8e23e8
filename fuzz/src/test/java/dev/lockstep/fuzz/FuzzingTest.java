package dev.lockstep.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Fuzzes all targets, guided by coverage, in a process of its own: `-Dfuzz.seconds` for how long,
/// `-Dfuzz.target` for one of them only, `-Dfuzz.seed=0` for a run unlike the last.
class FuzzingTest {

    private static final int SECONDS =
            Integer.getInteger("fuzz.seconds", System.getProperty("quick") == null ? 30 : 0);

    /// The same from run to run, so that an unchanged build does not fail by the luck of the day; 0
    /// lets the fuzzer choose.
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    /// Starting Jazzer and running the seeds, on a busy machine.
    private static final int START_SECONDS = 120;

    /// What Jazzer learns of a regular expression it learns by allocating on our account.
    private static final String REGEX_HOOKS =
            "com.code_intelligence.jazzer.sanitizers.RegexRoadblocks"
                    + ":com.code_intelligence.jazzer.sanitizers.RegexInjection";

    private static final Path WORK = Path.of("target/fuzz");
    private static final Path CORPUS = WORK.resolve("corpus");
    private static final Path SEEDS = WORK.resolve("seeds");
    private static final Path FINDINGS = WORK.resolve("findings");
    private static final Path REPORT = WORK.resolve("report");
    private static final Path LOG = WORK.resolve("log");

    @Test
    void noInputDoesMoreThanItsDecoderDeclares() throws Exception {
        Assumptions.assumeTrue(SECONDS > 0, "-Dquick runs the seeds only");
        writeSeeds();
        Files.createDirectories(CORPUS);
        Files.createDirectories(FINDINGS);
        deleteFiles(FINDINGS);
        Files.deleteIfExists(REPORT);

        int status = run();

        List<String> found = findings();
        if (!found.isEmpty()) {
            fail(
                    "fuzzing found something, see %s; to keep it as a seed:%n%s"
                            .formatted(LOG, String.join(System.lineSeparator(), found)));
        }
        assertThat(status).as("see %s", LOG).isZero();
        report();
    }

    private static void writeSeeds() throws IOException {
        Files.createDirectories(SEEDS);
        deleteFiles(SEEDS);
        for (Target target : Targets.ALL) {
            int number = 0;
            for (Map.Entry<String, byte[]> seed : Seeds.of(target).entrySet()) {
                Files.write(
                        SEEDS.resolve(target.name() + "-" + ++number),
                        FuzzDriver.input(target, seed.getValue()));
            }
        }
    }

    private static void deleteFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    private static int run() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:+EnableDynamicAgentLoading",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-D%s=%s".formatted(FuzzDriver.REPORT, REPORT)));
        String only = System.getProperty(FuzzDriver.TARGET);
        if (only != null) {
            command.add("-D%s=%s".formatted(FuzzDriver.TARGET, Targets.named(only).name()));
        }
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + FuzzDriver.class.getName(),
                        "--instrumentation_includes=dev.lockstep.**",
                        "--custom_hook_includes=dev.lockstep.**",
                        "--disabled_hooks=" + REGEX_HOOKS,
                        "--reproducer_path=" + FINDINGS,
                        "-artifact_prefix=" + FINDINGS + "/",
                        "-max_total_time=" + SECONDS,
                        "-seed=" + SEED,
                        "-max_len=4096",
                        "-timeout=20",
                        "-rss_limit_mb=0",
                        CORPUS.toString(),
                        SEEDS.toString()));
        Process fuzzer =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(LOG.toFile())
                        .start();
        try {
            if (!fuzzer.waitFor(SECONDS + START_SECONDS, TimeUnit.SECONDS)) {
                return fail("the fuzzer does not end; see %s".formatted(LOG));
            }
            return fuzzer.exitValue();
        } finally {
            fuzzer.destroyForcibly();
        }
    }

    /// One line a finding: the file of its target, and the line to add.
    private static List<String> findings() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(FINDINGS)) {
            for (Path file : files.sorted().toList()) {
                byte[] input = Files.readAllBytes(file);
                if (!file.toString().endsWith(".java") && input.length > 0) {
                    byte[] seed = Arrays.copyOfRange(input, 1, input.length);
                    lines.add(
                            Seeds.findings(FuzzDriver.targetOf(input))
                                    + ": "
                                    + Seeds.line(file.getFileName().toString(), seed));
                }
            }
        }
        return lines;
    }

    /// Prints what each target had, and refuses a run in which one had nothing.
    private static void report() throws IOException {
        String only = System.getProperty(FuzzDriver.TARGET);
        System.out.printf("%-16s %12s %12s %10s%n", "target", "executions", "taken", "a second");
        for (String line : Files.readAllLines(REPORT)) {
            String[] fields = line.split("\t", -1);
            if (only == null || only.equals(fields[0])) {
                long executions = Long.parseLong(fields[1]);
                double seconds = Math.max(0.001, Double.parseDouble(fields[3]));
                System.out.printf(
                        "%-16s %12d %12s %10.0f%n",
                        fields[0], executions, fields[2], executions / seconds);
                assertThat(executions).as("executions of %s", fields[0]).isPositive();
                assertThat(Long.parseLong(fields[2])).as("taken by %s", fields[0]).isPositive();
            }
        }
    }
}
