package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.core.FaultModel;
import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.ClusterMembers;
import dev.lockstep.node.GatewayServer;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.node.SignatureConfig;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Four real processes that sign, and a client that counts their answers.
@Timeout(420)
class ByzantineProcessTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir private Path directory;

    private static long incr(Client client) {
        KvReply reply =
                KvReply.decode(
                        client.command(KvCommands.of("incr", "visits").bytes(), LIMIT)
                                .toCompletableFuture()
                                .join()
                                .bytes());
        return ((KvReply.Number) reply).value();
    }

    private static void redisClientsAreServedBesideTheReplicas(LocalCluster cluster, long said)
            throws Exception {
        NodeConfig config = NodeConfig.load(cluster.file(), 1);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (GatewayServer gateway =
                        GatewayServer.start(config, "redis", ClusterClient.of(config), anyPort);
                RedisConnection redis = new RedisConnection("127.0.0.1", gateway.port())) {
            assertThat(redis.ask("INCR", "visits")).isEqualTo(Long.toString(said + 1));
            assertThat(redis.ask("SET", "greeting", "hello")).isEqualTo("OK");
            cluster.replica(2).kill();
            assertThat(redis.ask("GET", "greeting")).isEqualTo("hello");
            assertThat(redis.ask("INFO", "lockstep"))
                    .contains("votes_counted:true", "equal_answers_needed:2");
        }
    }

    @Test
    void what_was_acknowledged_survives_the_death_of_whoever_leads() throws Exception {
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        try (LocalCluster cluster = new LocalCluster(directory)) {
            cluster.create(4, _ -> ports.any(), LocalCluster.USUAL_ORDER, FaultModel.BYZANTINE);
            cluster.open();
            cluster.start();
            cluster.awaitServing(LIMIT);
            try (Client client = ClusterClient.of(NodeConfig.load(cluster.file(), 1)).connect()) {
                long said = incr(client);
                assertThat(said).isEqualTo(1);
                for (int death = 1; death <= 2; death++) {
                    Await.until(() -> "a leader", () -> cluster.agreedEntry() != 0);
                    int leader = cluster.agreedEntry();
                    cluster.replica(leader).kill();
                    assertThat(incr(client)).isEqualTo(++said);
                    cluster.replica(leader).start();
                    cluster.awaitServing(LIMIT);
                    assertThat(incr(client)).isEqualTo(++said);
                }
                redisClientsAreServedBesideTheReplicas(cluster, said);
            }
        }
    }

    /// What the newcomer and the operator have: a configuration with one replica more, and public
    /// keys with its key, which no other replica has.
    private Path withReplica5(LocalCluster cluster, Ports ports) throws IOException {
        Path file = directory.resolve("cluster-5.yaml");
        Path keys = directory.resolve("cluster-5.keys");
        SignatureConfig signatures = NodeConfig.load(cluster.file(), 1).signatures();
        Files.copy(signatures.keys().publicKeys(), keys);
        String entry =
                String.format(
                        Locale.ROOT,
                        "  - {id: 5, host: %s, peer-port: %d, client-port: %d, admin-port: %d,"
                                + " joins: true}%n",
                        LocalCluster.HOST,
                        ports.any(),
                        ports.any(),
                        ports.any());
        StringBuilder text = new StringBuilder();
        for (String line : Files.readAllLines(cluster.file())) {
            boolean isKeys = line.strip().startsWith("public-keys:");
            text.append(isKeys ? "  public-keys: " + keys : line).append('\n');
            text.append(line.strip().startsWith("- {id: 4,") ? entry : "");
        }
        Files.writeString(file, text);
        return file;
    }

    private static int lockstep(Path file, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--config", file.toString()));
        return Main.commandLine().execute(all.toArray(String[]::new));
    }

    private static void change(Path file, String... words) {
        assertThat(lockstep(file, words)).as("%s", List.of(words)).isEqualTo(ExitCode.DONE);
    }

    private static List<Integer> members(Path file) throws Exception {
        return ClusterAdmin.signing(NodeConfig.load(file, 1)).members().members().stream()
                .map(ClusterMembers.Entry::id)
                .toList();
    }

    @Test
    void members_change_as_an_operator_signs() throws Exception {
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        try (LocalCluster cluster = new LocalCluster(directory)) {
            cluster.create(4, _ -> ports.any(), LocalCluster.USUAL_ORDER, FaultModel.BYZANTINE);
            cluster.open();
            cluster.start();
            cluster.awaitServing(LIMIT);
            Path file = withReplica5(cluster, ports);
            change(file, "keys", "init", "--id", "5");
            assertThat(lockstep(file, "member", "remove", "4")).isEqualTo(ExitCode.FAILED);
            ReplicaProcess fifth =
                    new ReplicaProcess(
                            file,
                            5,
                            directory.resolve("log").resolve("replica-5.log"),
                            ReplicaProcess.defaultJvmOptions());
            fifth.start();
            try (Client client = ClusterClient.of(NodeConfig.load(cluster.file(), 1)).connect()) {
                assertThat(incr(client)).isEqualTo(1);
                change(file, "member", "replace", "2", "--with", "5");
                assertThat(members(file)).containsExactly(1, 3, 4, 5);
                cluster.replica(2).kill();
                assertThat(incr(client)).isEqualTo(2);

                // A member loses its disk, and is put back in its place.
                cluster.replica(4).kill();
                Await.until(() -> "replica 4 ends", () -> !cluster.replica(4).isAlive());
                Files.move(directory.resolve("4"), directory.resolve("4.lost"));
                cluster.replica(4).start();
                change(file, "member", "replace", "4");
                assertThat(incr(client)).isEqualTo(3);

                // The one that was replaced comes again, and another one goes.
                cluster.replica(2).start();
                change(file, "member", "add", "2");
                change(file, "member", "remove", "1");
                assertThat(members(file)).containsExactly(2, 3, 4, 5);
                cluster.replica(1).kill();
                assertThat(incr(client)).isEqualTo(4);
            } finally {
                fifth.kill();
            }
        }
    }
}
