package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.cli.service.EchoMachine;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.node.MemberConfig;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// `lockstep init` and `lockstep node` as processes: a whole cluster of one replica.
final class NodeCommandTest {

    private static final String TEST_CLASSES =
            Path.of("target", "test-classes").toAbsolutePath().toString();

    @TempDir private Path directory;

    private final List<Process> started = new ArrayList<>();
    private final Ports ports = new Ports(InetAddress.getLoopbackAddress());

    @AfterEach
    void killWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    private Path clusterOfOne(String service) throws IOException {
        Path file = directory.resolve("cluster.yaml");
        String text =
                ClusterFile.text(
                        ClusterFile.freshId(),
                        MemberPorts.onOneHost(1, LocalCluster.HOST, _ -> ports.any()),
                        directory.resolve("{id}").toString());
        if (!service.equals("kv")) {
            text = text.replace("service: kv", "service: " + service);
            text = text.replaceAll(", redis-port: \\d+", "");
        }
        return Files.writeString(file, text);
    }

    /// The command in a process that does not see this module's tests.
    private Process lockstep(String... arguments) throws IOException {
        String classPath =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                        .filter(entry -> !entry.equals(TEST_CLASSES))
                        .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", classPath, Main.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        started.add(process);
        return process;
    }

    private static String allOutput(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void awaitLine(Process process, String start) throws IOException {
        List<String> lines = new ArrayList<>();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return;
            }
        }
        throw new AssertionError("ended without '" + start + "': " + lines);
    }

    @Test
    void a_service_of_ones_own_runs_on_a_real_node() throws Exception {
        Path file = clusterOfOne(EchoMachine.class.getName());
        Process init = lockstep("init", "--config", file.toString(), "--id", "1");
        assertThat(allOutput(init)).contains("lockstep node --config " + file + " --id 1");
        assertThat(init.waitFor()).isZero();

        Process node =
                lockstep("node", "--config", file.toString(), "--id", "1", "-cp", TEST_CLASSES);
        awaitLine(node, "Replica 1 serves clients");
        var member = ClusterFile.load(file).member();
        try (LockstepClient client =
                LockstepClient.builder().address(member.host(), member.clientPort()).connect()) {
            byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
            assertThat(client.command(hello).toCompletableFuture().join().text())
                    .isEqualTo("echo of hello");
        }

        Process second =
                lockstep("node", "--config", file.toString(), "--id", "1", "-cp", TEST_CLASSES);
        assertOneSentence(second, "lockstep: ");

        node.toHandle().destroy();
        assertThat(node.waitFor()).as("SIGTERM drains").isZero();
    }

    @Test
    void without_an_identity_a_node_refuses_in_one_sentence() throws Exception {
        Path file = clusterOfOne("kv");
        assertOneSentence(
                lockstep("node", "--config", file.toString(), "--id", "1"), "lockstep init");
    }

    @Test
    void a_class_that_is_not_there_is_named_in_one_sentence() throws Exception {
        Path file = clusterOfOne(EchoMachine.class.getName());
        assertThat(lockstep("init", "--config", file.toString(), "--id", "1").waitFor()).isZero();
        assertOneSentence(
                lockstep("node", "--config", file.toString(), "--id", "1"), "EchoMachine");
        assertOneSentence(
                lockstep("node", "--config", file.toString(), "--id", "1", "-cp", "/absent.jar"),
                "/absent.jar");
    }

    @Test
    void an_identity_is_given_once() throws Exception {
        Path file = clusterOfOne("kv");
        assertThat(lockstep("init", "--config", file.toString(), "--id", "1").waitFor()).isZero();
        assertOneSentence(lockstep("init", "--config", file.toString(), "--id", "1"), "already");
        assertOneSentence(lockstep("init", "--new", "--config", file.toString()), "exists already");
    }

    @Test
    void every_mistake_of_an_operator_gets_its_sentence() throws Exception {
        Path file = clusterOfOne("kv");
        String right = Files.readString(file);
        assertThat(lockstep("init", "--config", file.toString(), "--id", "1").waitFor()).isZero();

        refused(right.replace("durability:", "durabilty:"), "did you mean durability?");
        refused(
                right.replace("faults: crash", "faults: byzantine"),
                "order leader with faults byzantine has no option election-timeout-max");
        refused("{ [", "this is no YAML");
        refused(
                right.replaceAll(
                        "cluster: \"\\p{XDigit}+\"", "cluster: \"" + "ab".repeat(16) + "\""),
                directory.resolve("wrong.yaml") + " is for cluster " + "ab".repeat(16));
        refused(
                right.replaceAll("(?m)^data: .*", "data: " + directory.resolve("cluster.yaml/1")),
                "the directory " + directory.resolve("cluster.yaml/1"));
        refused(
                right.replace("service-options: {}", "service-options: {max-value-bytes: much}"),
                "max-value-bytes is much; choose a size");
        MemberConfig self = ClusterFile.load(file).member();
        refusedForItsPort(right, "peer-port", self.peerPort());
        refusedForItsPort(right, "client-port", self.clientPort());
        refusedForItsPort(right, "admin-port", self.adminPort());
        refusedForItsPort(right, "redis-port", self.gatewayPorts().getOrDefault("redis", -1));
        assertOneSentence(
                lockstep("node", "--config", directory + "/absent.yaml", "--id", "1"),
                "there is no file");
    }

    private void refusedForItsPort(String yaml, String key, int port) throws Exception {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            refused(
                    yaml,
                    "%s %d of replica 1 is in use on 127.0.0.1: stop what uses it or choose another port in %s"
                            .formatted(key, port, directory.resolve("wrong.yaml")));
        }
    }

    private void refused(String yaml, String part) throws Exception {
        Path file = Files.writeString(directory.resolve("wrong.yaml"), yaml);
        assertOneSentence(lockstep("node", "--config", file.toString(), "--id", "1"), part);
    }

    private static void assertOneSentence(Process process, String part) throws Exception {
        String said = allOutput(process);
        assertThat(process.waitFor()).as(said).isEqualTo(ExitCode.FAILED);
        assertThat(said.lines()).as(said).hasSize(1);
        assertThat(said).startsWith("lockstep: ").contains(part).doesNotContain("Exception");
    }
}
