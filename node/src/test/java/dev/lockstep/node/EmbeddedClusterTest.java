package dev.lockstep.node;

import static dev.lockstep.node.TestNodes.ONE;
import static dev.lockstep.node.TestNodes.READ;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.api.Client;
import dev.lockstep.replica.StateDigest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// Three replicas in one process, over real sockets.
@Timeout(60)
class EmbeddedClusterTest {

    @Test
    void whatOneReplicaTakesAnotherReads() {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, Counter::new)) {
            for (int id = 1; id <= 3; id++) {
                try (Client writer = cluster.client(id);
                        Client reader = cluster.client(id % 3 + 1)) {
                    assertThat(TestNodes.valueOf(writer.command(ONE).toCompletableFuture().join()))
                            .isEqualTo(id);
                    assertThat(TestNodes.valueOf(reader.query(READ).toCompletableFuture().join()))
                            .isEqualTo(id);
                }
            }
        }
    }

    @Test
    void theDeathOfTheLeaderLosesNothingAndDoublesNothing() throws InterruptedException {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, Counter::new)) {
            AtomicLong acknowledged = new AtomicLong();
            AtomicLong failed = new AtomicLong();
            try (Client client = cluster.client()) {
                Thread writer =
                        Thread.ofVirtual()
                                .start(
                                        () -> {
                                            for (int i = 0; i < 2_000; i++) {
                                                try {
                                                    long value =
                                                            TestNodes.valueOf(
                                                                    client.command(ONE)
                                                                            .toCompletableFuture()
                                                                            .join());
                                                    if (value != acknowledged.incrementAndGet()) {
                                                        failed.incrementAndGet();
                                                    }
                                                } catch (RuntimeException e) {
                                                    failed.incrementAndGet();
                                                }
                                            }
                                        });
                Conditions.await(() -> acknowledged.get() > 200);
                int first = cluster.leader();
                cluster.kill(first);
                long atDeath = acknowledged.get();
                Conditions.await(() -> acknowledged.get() > atDeath + 200);
                int second = cluster.leader();
                assertThat(second).isNotEqualTo(first);
                cluster.restart(first);
                writer.join();
                assertThat(failed).hasValue(0);
                assertThat(acknowledged).hasValue(2_000);
                assertThat(TestNodes.valueOf(client.query(READ).toCompletableFuture().join()))
                        .isEqualTo(2_000);
            }
            Conditions.await(() -> digestsAgree(cluster));
        }
    }

    @Test
    void aStoppedLeaderHandsOver() {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, Counter::new);
                Client client = cluster.client()) {
            client.command(ONE).toCompletableFuture().join();
            int first = cluster.leader();

            long start = System.nanoTime();
            cluster.stop(first);

            assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
            assertThat(cluster.leader()).isNotEqualTo(first);
            assertThat(TestNodes.valueOf(client.command(ONE).toCompletableFuture().join()))
                    .isEqualTo(2);
            assertThatThrownBy(() -> cluster.node(first))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("replica " + first + " does not run");
        }
    }

    @Test
    void everythingIsThereAfterAllReplicasWereKilled() {
        try (EmbeddedCluster cluster = Lockstep.embedded(3, Counter::new)) {
            try (Client client = cluster.client()) {
                CompletableFuture<?>[] all = new CompletableFuture<?>[1_000];
                for (int i = 0; i < all.length; i++) {
                    all[i] = client.command(ONE).toCompletableFuture();
                }
                CompletableFuture.allOf(all).join();
                for (int id = 1; id <= 3; id++) {
                    cluster.kill(id);
                }
                for (int id = 1; id <= 3; id++) {
                    cluster.restart(id);
                }
                assertThat(TestNodes.valueOf(client.command(ONE).toCompletableFuture().join()))
                        .isEqualTo(1_001);
            }
        }
    }

    @Test
    void oneReplicaIsAClusterToo() {
        try (EmbeddedCluster cluster = Lockstep.embedded(1, Counter::new);
                Client client = cluster.client()) {
            assertThat(TestNodes.valueOf(client.command(ONE).toCompletableFuture().join()))
                    .isEqualTo(1);
            assertThat(cluster.leader()).isEqualTo(1);
        }
    }

    private static boolean digestsAgree(EmbeddedCluster cluster) {
        StateDigest first = cluster.node(1).stateDigest();
        for (int id = 2; id <= cluster.size(); id++) {
            if (!cluster.node(id).stateDigest().equals(first)) {
                return false;
            }
        }
        return true;
    }
}
