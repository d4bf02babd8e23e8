package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.testkit.history.HistoryFile;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.Linearizability;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Real processes under load: each of three replicas is replaced in turn on an empty disk, the
/// cluster grows to five and shrinks to three, all through the command line, and nothing that was
/// acknowledged is lost or done twice. The longest time without an acknowledgement is printed for
/// each step, and stays in `target/members-process/gaps.txt`.
final class MembersProcessTest {

    private static final long SEED = Long.getLong("members.seed", System.nanoTime());
    private static final int SESSIONS = 4;
    private static final int PROGRESS = 300;
    private static final Path DIRECTORY = Path.of("target", "members-process");
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED");

    private final LocalCluster cluster = new LocalCluster(DIRECTORY, JVM_OPTIONS);
    private final Load load = new Load(cluster);
    private final GapMeter meter = new GapMeter(load::acknowledged);
    private final List<ReplicaProcess> joined = new ArrayList<>();
    private final Table gaps = new Table("step", "longest gap", "took");

    @BeforeEach
    void startReplicas() throws InterruptedException {
        cluster.wipe();
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        cluster.create(3, _ -> ports.any());
        cluster.open();
        cluster.start();
        cluster.awaitServing(Await.LIMIT);
    }

    @AfterEach
    void stopEverything() throws InterruptedException {
        load.close();
        meter.close();
        for (ReplicaProcess replica : joined) {
            replica.stop();
        }
        cluster.close();
    }

    @Test
    void every_replica_is_replaced_and_the_cluster_grows_and_shrinks() throws Exception {
        load.start(SESSIONS, new SplittableRandom(SEED).nextLong());
        meter.start();
        int round = 0;
        for (int id = 1; id <= 3; id++) {
            int victim = id;
            step(++round, "replica " + id + " is killed, its disk wiped", () -> replace(victim));
        }
        Path wider = withJoining(4, 5);
        step(++round, "replica 4 is added", () -> join(wider, 4));
        step(++round, "replica 5 is added", () -> join(wider, 5));
        step(++round, "replica 1 is removed", () -> remove(1));
        step(++round, "replica 2 is removed", () -> remove(2));
        meter.close();
        load.stop();
        for (SessionLoad session : load.sessions()) {
            assertThat(session.failure()).isNull();
        }
        gaps.lines().forEach(System.out::println);
        Files.write(DIRECTORY.resolve("gaps.txt"), gaps.lines());
        judge(load.operations());
        JsonNode page = new AdminClient(LocalCluster.HOST, adminPort(wider, 4)).get("/members");
        assertThat(page.path("members").findValuesAsText("id")).containsExactly("3", "4", "5");
        assertThat(page.path("epoch").asInt()).isEqualTo(8);
        System.out.println(load.acknowledged() + " acknowledged");
    }

    private interface Step {
        void run() throws Exception;
    }

    private void step(int round, String what, Step step) throws Exception {
        load.beginRound(round);
        awaitProgress(what);
        meter.reset();
        long begun = System.nanoTime();
        step.run();
        long took = System.nanoTime() - begun;
        awaitProgress(what);
        gaps.row(what, meter.longestMillis() + " ms", took / 1_000_000 + " ms");
    }

    private void awaitProgress(String what) throws InterruptedException {
        int enough = load.acknowledged() + PROGRESS;
        Await.until(what, () -> load.acknowledged() >= enough);
    }

    private void replace(int id) throws Exception {
        ReplicaProcess replica = cluster.replica(id);
        replica.kill();
        try (var files = Files.list(DIRECTORY.resolve(Integer.toString(id)))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        replica.start();
        lockstep(cluster.file(), "member", "replace", Integer.toString(id));
        cluster.awaitServing(Await.LIMIT);
    }

    private void join(Path config, int id) throws InterruptedException {
        ReplicaProcess replica =
                new ReplicaProcess(
                        config,
                        id,
                        DIRECTORY.resolve("log").resolve("replica-" + id + ".log"),
                        JVM_OPTIONS);
        joined.add(replica);
        replica.start();
        lockstep(config, "member", "add", Integer.toString(id));
    }

    private void remove(int id) throws InterruptedException {
        lockstep(cluster.file(), "member", "remove", Integer.toString(id));
        assertThat(cluster.replica(id).stop()).as("replica %d drains", id).isTrue();
    }

    /// The cluster's file with further replicas that join, beside it.
    private Path withJoining(int... ids) throws IOException {
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        StringBuilder text = new StringBuilder(Files.readString(cluster.file()));
        for (int id : ids) {
            text.append(
                    "  - {id: %d, host: 127.0.0.1, peer-port: %d, client-port: %d, admin-port: %d, joins: true}%n"
                            .formatted(id, ports.any(), ports.any(), ports.any()));
        }
        Path file = DIRECTORY.resolve("wider.yaml");
        Files.writeString(file, text);
        return file;
    }

    private static int adminPort(Path config, int id) {
        return dev.lockstep.node.NodeConfig.load(config, id).member().adminPort();
    }

    private static void lockstep(Path config, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--config", config.toString()));
        CommandLine command = Main.commandLine();
        StringWriter said = new StringWriter();
        command.setOut(new PrintWriter(said, true)).setErr(new PrintWriter(said, true));

        int code = command.execute(arguments.toArray(String[]::new));

        assertThat(code).as("%s: %s", String.join(" ", words), said).isZero();
    }

    private static void judge(List<Operation> history) throws IOException {
        HistoryFile.write(DIRECTORY.resolve("history.txt"), history);
        Linearizability verdict = new LinearizabilityChecker(new KeyValueModel()).check(history);
        assertThat(verdict)
                .as("seed %d, history in %s", SEED, DIRECTORY.resolve("history.txt"))
                .isInstanceOf(Linearizability.Holds.class);
    }
}
