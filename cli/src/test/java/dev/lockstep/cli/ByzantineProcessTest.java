package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.Client;
import dev.lockstep.core.FaultModel;
import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.GatewayServer;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/// Four real processes that sign, and a client that counts their answers.
@Timeout(180)
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
}
