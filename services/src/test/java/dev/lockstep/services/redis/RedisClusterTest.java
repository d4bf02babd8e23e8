package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.node.EmbeddedCluster;
import dev.lockstep.node.Lockstep;
import dev.lockstep.services.kv.KvStateMachine;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.List;

/// Unmodified clients against each replica of a cluster.
final class RedisClusterTest {

    private static int portOf(EmbeddedCluster cluster, int id) {
        return cluster.node(id).gatewayPort("redis");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void javaClientsWorkAgainstEveryReplica(int id) {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, KvStateMachine::new)) {
            cluster.leader();
            UnmodifiedClients.jedis(portOf(cluster, id));
            UnmodifiedClients.lettuce(portOf(cluster, id));
        }
    }

    @Test
    void whatOneReplicaHasTakenEveryOtherShows() throws IOException {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, KvStateMachine::new)) {
            cluster.leader();
            try (RespClient one = new RespClient(portOf(cluster, 1));
                    RespClient two = new RespClient(portOf(cluster, 2));
                    RespClient three = new RespClient(portOf(cluster, 3))) {
                for (int i = 0; i < 200; i++) {
                    String value = "value" + i;
                    String expected = "$" + value.length() + "\r\n" + value + "\r\n";
                    assertThat(one.ask("SET", "k", value)).isEqualTo("+OK\r\n");
                    assertThat(two.ask("GET", "k")).isEqualTo(expected);
                    assertThat(three.ask("GET", "k")).isEqualTo(expected);
                }
            }
        }
    }

    /// One cluster's gateways have a session, the other's wait for theirs: of the first's command
    /// nobody knows, the second's is never handed in.
    @Test
    void aClientWaitsForAMajorityForSomeTimeOnly() throws IOException {
        try (EmbeddedCluster known = Lockstep.embedded(3, KvStateMachine::new);
                EmbeddedCluster fresh = Lockstep.embedded(3, KvStateMachine::new)) {
            known.leader();
            try (RespClient one = new RespClient(portOf(known, 1))) {
                assertThat(one.ask("SET", "k", "before")).isEqualTo("+OK\r\n");
                for (EmbeddedCluster cluster : List.of(known, fresh)) {
                    cluster.kill(2);
                    cluster.kill(3);
                }
                try (RespClient other = new RespClient(portOf(fresh, 1))) {
                    one.send(RespClient.encode("SET", "k", "after"));
                    other.send(RespClient.encode("SET", "k", "after"));
                    assertThat(one.read()).startsWith("-UNKNOWN the command may or may not");
                    assertThat(other.read()).startsWith("-CLUSTERDOWN no outcome within 10 s");
                }
                known.restart(2);
                assertThat(one.ask("SET", "k", "last")).isEqualTo("+OK\r\n");
                assertThat(one.ask("GET", "k")).isEqualTo("$4\r\nlast\r\n");
            }
        }
    }

    /// Nothing is ordered while the key's time passes.
    @Test
    void aKeyExpiresInAnIdleCluster() throws IOException {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, KvStateMachine::new)) {
            cluster.leader();
            try (RespClient one = new RespClient(portOf(cluster, 1));
                    RespClient two = new RespClient(portOf(cluster, 2))) {
                assertThat(one.ask("SET", "k", "v", "PX", "300")).isEqualTo("+OK\r\n");
                long deadline = System.nanoTime() + 30_000_000_000L;
                while (two.ask("EXISTS", "k").equals(":1\r\n")) {
                    assertThat(System.nanoTime()).isLessThan(deadline);
                }
                assertThat(one.ask("DBSIZE")).isEqualTo(":0\r\n");
            }
        }
    }
}
