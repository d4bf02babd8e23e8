package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Backups of clusters of real processes, and the clusters that are restored from them.
@Timeout(240)
final class BackupTest {

    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED");

    private static final String MARKER = "marker";

    private final Ports ports = new Ports(InetAddress.getLoopbackAddress());
    private final List<LocalCluster> clusters = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

    private LocalCluster cluster;

    @BeforeEach
    void startReplicas() throws InterruptedException {
        cluster = clusterIn("first");
        cluster.create(3, _ -> ports.any());
        cluster.open();
        cluster.start();
        cluster.awaitServing(Await.LIMIT);
    }

    @AfterEach
    void stopEverything() {
        clusters.forEach(LocalCluster::close);
    }

    private LocalCluster clusterIn(String name) {
        LocalCluster made = new LocalCluster(directory.resolve(name), JVM_OPTIONS);
        clusters.add(made);
        return made;
    }

    private int lockstep(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = lockstep.execute(arguments);
        System.out.println("$ lockstep " + String.join(" ", arguments));
        System.out.print(out);
        System.out.print(err);
        System.out.println("(exit code " + code + ")");
        return code;
    }

    private static RedisConnection redis(LocalCluster of, int id) throws IOException {
        var member = of.member(id);
        return new RedisConnection(member.host(), member.gatewayPorts().getOrDefault("redis", 0));
    }

    private static String ask(LocalCluster of, int id, String... words) throws IOException {
        try (RedisConnection redis = redis(of, id)) {
            return redis.ask(words);
        }
    }

    /// Counts as fast as it can, through one replica.
    private final class Counting implements AutoCloseable {
        private final AtomicBoolean stopping = new AtomicBoolean();
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final Thread thread;

        Counting(int id) {
            thread =
                    Thread.ofPlatform()
                            .name("counting")
                            .start(
                                    () -> {
                                        try (RedisConnection redis = redis(cluster, id)) {
                                            while (!stopping.get()) {
                                                acknowledged.set(
                                                        Integer.parseInt(
                                                                redis.ask("INCR", MARKER)));
                                            }
                                        } catch (IOException e) {
                                            stopping.set(true);
                                        }
                                    });
        }

        int acknowledged() {
            return acknowledged.get();
        }

        void awaitProgress() throws InterruptedException {
            int enough = acknowledged() + 200;
            Await.until("200 more", () -> acknowledged() >= enough);
        }

        @Override
        public void close() {
            stopping.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// A cluster.yaml for a cluster that is not there yet.
    private LocalCluster planned(String name) {
        LocalCluster planned = clusterIn(name);
        ClusterFile.writeNew(
                planned.file(),
                ClusterFile.text(
                        ClusterFile.freshId(),
                        MemberPorts.onOneHost(3, LocalCluster.HOST, _ -> ports.any()),
                        planned.directory().resolve("{id}").toString()));
        planned.open();
        return planned;
    }

    private static void takeSnapshots(LocalCluster of) throws Exception {
        for (int id = 1; id <= 3; id++) {
            AdminClient admin = of.admin(id);
            JsonNode _ = admin.post("/backup");
            Await.until(
                    "a snapshot",
                    () -> {
                        try {
                            return !admin.get("/backup").path("snapshots").isEmpty();
                        } catch (IOException e) {
                            return false;
                        }
                    });
        }
    }

    @Test
    void what_was_there_is_there_again_at_the_end_and_at_a_position_before() throws Exception {
        assertThat(ask(cluster, 1, "SET", "phase", "none")).isEqualTo("OK");
        takeSnapshots(cluster);
        assertThat(ask(cluster, 1, "SET", "phase", "one")).isEqualTo("OK");
        JsonNode then = cluster.admin(1).get("/status");
        assertThat(ask(cluster, 1, "SET", "phase", "two")).isEqualTo("OK");
        Path to = directory.resolve("backup");
        int before;
        int after;
        try (Counting counting = new Counting(2)) {
            counting.awaitProgress();
            before = counting.acknowledged();
            assertThat(lockstep("backup", "--to", to.toString(), "-c", cluster.file().toString()))
                    .as(err.toString())
                    .isZero();
            counting.awaitProgress();
            after = counting.acknowledged();
        }
        assertThat(ask(cluster, 3, "SET", "phase", "three")).isEqualTo("OK");
        try (var files = Files.list(to)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("backup.json", "history")
                    .noneMatch(name -> name.endsWith(".part") || name.endsWith(".new"));
        }

        atTheEnd(to, before, after);
        String position = then.path("executedPosition").asText();
        atAPositionBefore(to, "by-position", "--position", position);
        atAPositionBefore(to, "by-time", "--until", then.path("agreedTime").asText());
        refusals(to);
    }

    private void atTheEnd(Path backup, int before, int after) throws Exception {
        LocalCluster restored = planned("end");
        String file = restored.file().toString();
        assertThat(lockstep("restore", backup.toString(), "-c", file)).as(err.toString()).isZero();
        restored.start();
        restored.awaitServing(Await.LIMIT);
        for (int id = 1; id <= 3; id++) {
            assertThat(ask(restored, id, "GET", "phase")).isEqualTo("two");
            assertThat(Integer.parseInt(ask(restored, id, "GET", MARKER))).isBetween(before, after);
        }
        int counted = Integer.parseInt(ask(restored, 2, "INCR", MARKER));
        assertThat(restored.admin(2).get("/status").path("executedPosition").asLong())
                .as("positions go on")
                .isGreaterThan(before);
        // What it has journalled beside the snapshot leads on from it.
        for (ReplicaProcess replica : restored.replicas()) {
            replica.kill();
        }
        restored.start();
        restored.awaitServing(Await.LIMIT);
        for (int id = 1; id <= 3; id++) {
            assertThat(ask(restored, id, "INCR", MARKER)).isEqualTo("" + (counted + id));
        }
        assertThat(lockstep("restore", backup.toString(), "-c", file)).isOne();
        assertThat(err.toString()).contains("is not empty (it has addresses)");
    }

    private void atAPositionBefore(Path backup, String name, String option, String value)
            throws Exception {
        LocalCluster restored = planned(name);
        String file = restored.file().toString();
        assertThat(lockstep("restore", backup.toString(), "-c", file, option, value))
                .as(err.toString())
                .isZero();
        restored.start();
        restored.awaitServing(Await.LIMIT);
        for (int id = 1; id <= 3; id++) {
            assertThat(ask(restored, id, "GET", "phase")).isEqualTo("one");
            assertThat(ask(restored, id, "GET", MARKER)).isEqualTo(RedisConnection.NOTHING);
        }
    }

    private void refusals(Path to) {
        String old = cluster.file().toString();
        assertThat(lockstep("backup", "--to", to.toString(), "-c", old)).isOne();
        assertThat(err.toString()).contains("holds a complete backup already");
        assertThat(lockstep("backup", "--to", directory.toString(), "-c", old)).isOne();
        assertThat(err.toString()).contains("holds something else (such as backup)");
        assertThat(lockstep("restore", to.toString(), "-c", old)).isOne();
        assertThat(err.toString()).contains("is the id of the cluster that was backed up");
        String other = planned("refused").file().toString();
        assertThat(lockstep("restore", to.toString(), "-c", other, "--position", "1")).isOne();
        assertThat(err.toString()).contains("and 1 is none of them");
        assertThat(
                        lockstep(
                                "restore",
                                to.toString(),
                                "-c",
                                other,
                                "--until",
                                "2001-01-01T00:00:00Z"))
                .isOne();
        assertThat(err.toString()).contains("which is after 2001-01-01T00:00:00Z");
        assertThat(lockstep("restore", to.toString(), "-c", other, "--until", "noon")).isEqualTo(2);
        assertThat(lockstep("restore", directory.toString(), "-c", other)).isOne();
        assertThat(err.toString()).contains("holds no backup");
    }

    @Test
    void a_member_that_stops_midway_is_replaced_by_another_or_waited_for() throws Exception {
        String megabyte = "x".repeat(1 << 20);
        for (int i = 0; i < 6; i++) {
            assertThat(ask(cluster, 1, "SET", "key" + i, megabyte)).isEqualTo("OK");
        }
        takeSnapshots(cluster);
        int leader = cluster.agreedEntry();
        int first = leader == 1 ? 2 : 1;
        Path alone = directory.resolve("alone");
        String file = cluster.file().toString();
        List<String> slowly =
                List.of("backup", "--to", alone.toString(), "-c", file, "--rate", "2");
        List<String> ofOne = new ArrayList<>(slowly);
        ofOne.addAll(List.of("--replica", Integer.toString(first)));
        killWhenBegun(alone, first);
        assertThat(lockstep(ofOne.toArray(String[]::new))).isOne();
        assertThat(err.toString())
                .contains("it does not answer (")
                .contains("run the same command again, which goes on where it stopped");
        assertThat(lockstep("restore", alone.toString(), "-c", file)).isOne();
        assertThat(err.toString()).contains("holds a backup that was not completed");
        cluster.replica(first).start();
        cluster.awaitServing(Await.LIMIT);
        assertThat(lockstep(ofOne.toArray(String[]::new))).as(err.toString()).isZero();
        assertThat(err.toString()).contains("Going on with the backup that was begun here.");

        Path any = directory.resolve("any");
        killWhenBegun(any, first);
        assertThat(lockstep("backup", "--to", any.toString(), "-c", file, "--rate", "2"))
                .as(err.toString())
                .isZero();
        assertThat(err.toString()).contains("Replica " + first + ": it does not answer (");
    }

    private void killWhenBegun(Path backup, int id) {
        Thread _ =
                Thread.ofPlatform()
                        .name("killer")
                        .start(
                                () -> {
                                    try {
                                        Await.until("a part", () -> hasPart(backup));
                                        cluster.replica(id).kill();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
    }

    /// True once more than a chunk of a snapshot is there.
    private static boolean hasPart(Path backup) {
        try (var parts = Files.newDirectoryStream(backup, "snapshot-*.part")) {
            for (Path part : parts) {
                if (Files.size(part) > 1 << 20) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
