package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The script that finds a JDK and builds: what it says where something is missing. It runs on a
/// copy of its own, with a PATH that holds nothing but what it needs.
final class LauncherTest {

    private static final Path SCRIPT = Path.of("..", "lockstep");

    /// Everything that the script calls, but for Maven and Java.
    private static final List<String> TOOLS =
            List.of(
                    "bash",
                    "dirname",
                    "readlink",
                    "sed",
                    "find",
                    "head",
                    "tail",
                    "grep",
                    "mkdir",
                    "flock",
                    "tee",
                    "mv",
                    "rm");

    @TempDir private Path directory;

    private Path script;

    @BeforeEach
    void copy() throws IOException {
        script = directory.resolve("lockstep");
        Files.copy(SCRIPT, script);
        Files.createDirectories(directory.resolve("bin"));
        for (String tool : TOOLS) {
            for (String place : System.getenv("PATH").split(File.pathSeparator, -1)) {
                Path found = Path.of(place, tool);
                Path callsIt = directory.resolve("bin").resolve(tool);
                if (Files.isExecutable(found) && !Files.exists(callsIt)) {
                    Files.writeString(callsIt, "#!/bin/sh\nexec '" + found + "' \"$@\"\n");
                    assertThat(callsIt.toFile().setExecutable(true)).isTrue();
                }
            }
        }
        assumeTrue(Files.exists(directory.resolve("bin/bash")), "there is a bash");
    }

    private String launch() throws Exception {
        ProcessBuilder launch = new ProcessBuilder("bash", script.toString(), "version");
        Map<String, String> environment = launch.environment();
        environment.put("PATH", directory.resolve("bin").toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("HOME", directory.toString());
        Process process = launch.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(ExitCode.FAILED);
        assertThat(said.lines()).as(said).hasSize(1);
        return said;
    }

    @Test
    void without_a_build_and_without_maven_it_says_so() throws Exception {
        assertThat(launch()).startsWith("lockstep: Lockstep is not built yet and Maven is missing");
    }

    @Test
    void a_library_that_has_gone_is_no_stack_trace_but_a_reason_to_build() throws Exception {
        Path classPath = directory.resolve("bench/target/classpath");
        Files.createDirectories(classPath.getParent());
        Files.writeString(classPath, "/absent/one.jar:/absent/two.jar");
        Path stamp = directory.resolve("cli/target/launcher/stamp");
        Files.createDirectories(stamp.getParent());
        Files.createFile(stamp);

        assertThat(launch()).contains("Maven is missing");
    }
}
