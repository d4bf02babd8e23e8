package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.FaultModel;
import dev.lockstep.node.MemberConfig;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A cluster of real processes of which a majority is lost, and the one that goes on.
@Timeout(240)
final class RecoverTest {

    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED");

    private final Ports ports = new Ports(InetAddress.getLoopbackAddress());
    private final List<LocalCluster> clusters = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

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

    private static String ask(LocalCluster of, int id, String... words) throws IOException {
        MemberConfig member = of.member(id);
        int port = member.gatewayPorts().getOrDefault("redis", 0);
        try (RedisConnection redis = new RedisConnection(member.host(), port)) {
            return redis.ask(words);
        }
    }

    /// Members 3, where replica 3 of `old` was, 4 and 5.
    private LocalCluster successor(LocalCluster old, String order) {
        MemberConfig third = old.member(3);
        List<MemberPorts> members = new ArrayList<>();
        members.add(
                new MemberPorts(
                        3,
                        third.host(),
                        third.peerPort(),
                        third.clientPort(),
                        third.adminPort(),
                        third.gatewayPorts().getOrDefault("redis", 0)));
        for (int id = 4; id <= 5; id++) {
            members.add(
                    new MemberPorts(
                            id,
                            LocalCluster.HOST,
                            ports.any(),
                            ports.any(),
                            ports.any(),
                            ports.any()));
        }
        LocalCluster made = clusterIn("new");
        ClusterFile.writeNew(
                made.file(),
                LocalCluster.inOrder(
                        ClusterFile.text(
                                ClusterFile.freshId(),
                                members,
                                made.directory().resolve("{id}").toString()),
                        order));
        made.open();
        return made;
    }

    @ParameterizedTest
    @ValueSource(strings = {"leader", "replica-ids"})
    void theLastOfThreeGoesOnAndTheOthersStayOut(String order) throws Exception {
        LocalCluster old = clusterIn("old");
        old.create(3, _ -> ports.any(), order, FaultModel.CRASH);
        old.open();
        old.start();
        old.awaitServing(Await.LIMIT);
        for (int i = 1; i <= 50; i++) {
            // Through the survivor, which has executed what it acknowledges.
            assertThat(ask(old, 3, "INCR", "marker")).isEqualTo("" + i);
        }
        String file = old.file().toString();
        String left = old.directory().resolve("3").toString();
        assertThat(lockstep("recover", left, "-c", file)).isOne();
        assertThat(err.toString()).contains("is in use by another process");
        for (ReplicaProcess replica : old.replicas()) {
            replica.kill();
        }
        String first = old.directory().resolve("1").toString();
        assertThat(lockstep("recover", left, first, "-c", file)).isOne();
        assertThat(err.toString()).contains("which is a majority: nothing is lost, start them");

        assertThat(lockstep("recover", left, "-c", file)).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("3 members, of whom 2 are needed and 1 here.")
                .contains("Replica 3 has the most: everything through position")
                .contains("May be lost: commands that were acknowledged after position")
                .contains("by members 1, 2 without these.")
                .contains("Nothing was changed.");
        assertThat(lockstep("recover", left, "-c", file, "--accept-loss")).isOne();
        assertThat(err.toString()).contains("is the id of the cluster that lost its majority");
        assertThat(lockstep("recover", left, "-c", file, "--id", "3")).isEqualTo(2);

        LocalCluster next = successor(old, order);
        String fresh = next.file().toString();
        assertThat(lockstep("recover", left, "-c", fresh, "--accept-loss"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("goes on from cluster " + old.clusterId());
        next.start();
        next.awaitServing(Await.LIMIT);
        assertThat(ask(next, 4, "GET", "marker")).isEqualTo("50");
        assertThat(ask(next, 5, "INCR", "marker")).isEqualTo("51");

        ReplicaProcess back = old.replica(1);
        back.start();
        String fork =
                "cluster %s lost a majority of its members for good and goes on as cluster %s"
                        .formatted(old.clusterId(), next.clusterId());
        Await.until("a refusal that names the fork", () -> log(back).contains(fork));
        assertThat(old.admin(1).isServing()).isFalse();
        assertThat(ask(next, 3, "INCR", "marker")).isEqualTo("52");
    }

    private static String log(ReplicaProcess replica) {
        try {
            return Files.readString(replica.log());
        } catch (IOException e) {
            return "";
        }
    }
}
