package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.api.Client;
import dev.lockstep.api.Reply;
import dev.lockstep.cli.service.DriftingMachine;
import dev.lockstep.client.LockstepClient;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Three replicas as real processes, of which one is made to go astray, are compared.
@Timeout(120)
final class VerifyTest {

    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED");

    private final Ports ports = new Ports(InetAddress.getLoopbackAddress());
    private final List<ReplicaProcess> replicas = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path directory;

    private LocalCluster cluster;

    /// The third is the one that goes astray.
    @BeforeEach
    void startReplicas() throws Exception {
        cluster = new LocalCluster(directory, JVM_OPTIONS);
        cluster.create(3, _ -> ports.any());
        String text = Files.readString(cluster.file());
        Files.writeString(
                cluster.file(),
                text.replace("service: kv", "service: " + DriftingMachine.class.getName())
                        .replaceAll(", redis-port: \\d+", ""));
        cluster.open();
        for (int id = 1; id <= 3; id++) {
            List<String> options = new ArrayList<>(JVM_OPTIONS);
            options.add("-Dtest.drift=" + (id == 3));
            ReplicaProcess replica =
                    new ReplicaProcess(cluster.file(), id, directory.resolve("log-" + id), options);
            replica.start();
            replicas.add(replica);
        }
        for (int id = 1; id <= 3; id++) {
            AdminClient admin = cluster.admin(id);
            Await.until("a start", admin::isServing);
        }
    }

    @AfterEach
    void stopEverything() throws InterruptedException {
        for (ReplicaProcess replica : replicas) {
            if (replica.isAlive()) {
                replica.kill();
            }
        }
        cluster.close();
    }

    private int verify(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine lockstep = Main.commandLine();
        lockstep.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        List<String> all = new ArrayList<>(List.of("verify", "-c", cluster.file().toString()));
        all.addAll(List.of(arguments));
        int code = lockstep.execute(all.toArray(String[]::new));
        System.out.println("$ lockstep " + String.join(" ", all));
        System.out.print(out);
        System.out.print(err);
        System.out.println("(exit code " + code + ")");
        return code;
    }

    private Client client() {
        var member = cluster.member(1);
        return LockstepClient.builder().address(member.host(), member.clientPort()).connect();
    }

    private static Reply order(Client client, String command) {
        return client.command(command.getBytes(StandardCharsets.UTF_8))
                .toCompletableFuture()
                .join();
    }

    @Test
    void equal_replicas_are_found_equal_idle_and_under_load() throws Exception {
        try (Client client = client()) {
            Reply _ = order(client, "a");
        }
        assertThat(verify()).as(out.toString()).isZero();
        assertThat(out.toString()).contains("All 3 replicas are equal at position");
        AtomicBoolean stopping = new AtomicBoolean();
        Thread load =
                Thread.ofPlatform()
                        .name("load")
                        .start(
                                () -> {
                                    try (Client client = client()) {
                                        while (!stopping.get()) {
                                            Reply _ = order(client, "a");
                                        }
                                    }
                                });
        try {
            for (int i = 0; i < 3; i++) {
                assertThat(verify("--json")).as(out.toString()).isZero();
                assertThat(out.toString()).contains("\"equal\":true");
            }
        } finally {
            stopping.set(true);
            load.join();
        }
        replicas.get(1).kill();
        assertThat(verify()).isOne();
        assertThat(out.toString()).contains("it does not answer (");
    }

    /// Comes back with the majority's state, in the same process.
    private void awaitHealed(int times) throws InterruptedException {
        AdminClient third = cluster.admin(3);
        Await.until("a healed state", () -> isHealed(third, times));
        assertThat(verify()).as(out.toString()).isZero();
    }

    private static boolean isHealed(AdminClient replica, int times) {
        try {
            JsonNode status = replica.get("/status");
            return status.path("statesHealed").asInt() == times
                    && status.path("quarantineReason").isNull()
                    && status.path("serving").asBoolean();
        } catch (IOException notNow) {
            return false;
        }
    }

    private static final String REMEDY =
            "Replica 3 is quarantined: it answers nobody until it has the majority's state, which it takes by itself.";

    @Test
    void who_differs_in_its_state_alone_is_named_and_heals_itself() throws Exception {
        try (Client client = client()) {
            Reply _ = order(client, "s");
            assertThat(verify()).isOne();
            assertThat(out.toString())
                    .contains("Replica 3 differs from the majority in its state at position")
                    .contains("and has given the same replies so far")
                    .contains(REMEDY);
            awaitHealed(1);
            assertThat(Files.readString(directory.resolve("log-3")))
                    .contains("this replica's state differs from that of the majority: ")
                    .contains("test the memory and the disk of this machine");
            assertThat(Files.readString(directory.resolve("log-1")))
                    .contains("replica 3 has another state than the majority after position");
        }
    }

    @Test
    void who_differs_is_named_and_where_its_replies_began_to() throws Exception {
        try (Client client = client()) {
            Reply _ = order(client, "a");
            Reply other = order(client, "r");
            Reply _ = order(client, "a");
            assertThat(verify()).isOne();
            assertThat(out.toString())
                    .contains("in its sessions and replies or effects at position")
                    .contains(
                            "the first reply or effect that differs is of position "
                                    + other.position()
                                    + ", to order r (number 2 of session ")
                    .containsPattern(
                            "after which the reply chain is [0-9a-f]{16} there and [0-9a-f]{16} at replica 1")
                    .contains(REMEDY);
            awaitHealed(1);
            Reply effect = order(client, "t");
            assertThat(verify("--json")).isOne();
            assertThat(out.toString())
                    .contains(
                            "the first reply or effect that differs is of position "
                                    + effect.position()
                                    + ", to order t (number 4 of session ");
            awaitHealed(2);
        }
    }
}
