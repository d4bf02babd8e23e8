package dev.lockstep.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.junit.SimulatedTest;
import dev.lockstep.testkit.simulator.*;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

class SeatsTest {

    private static String reserve(SimulatedClient client, String name) {
        return text(client.send(name.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(byte[] reply) {
        return new String(reply, StandardCharsets.UTF_8);
    }

    @SimulatedTest(machine = Seats.class, replicas = 3, seeds = 200)
    void a_reservation_survives_the_leader(SimulatedCluster cluster) {
        SimulatedClient client = cluster.client();
        assertThat(reserve(client, "Ada")).isEqualTo("seat 1");
        cluster.crash(cluster.awaitLeader());
        assertThat(reserve(client, "Ben")).isEqualTo("seat 2");
    }

    @SimulatedTest(machine = Seats.class, replicas = 5, seeds = 100)
    void a_leader_that_is_cut_off_gives_no_seat_away(SimulatedCluster cluster) {
        int old = cluster.awaitLeader();
        cluster.isolate(old);
        Pending lost = cluster.clientAt(old).begin(new byte[] {'X'});
        cluster.awaitLeader();
        assertThat(reserve(cluster.client(), "Ada")).isEqualTo("seat 1");
        assertThat(lost.isDone()).isFalse();

        cluster.healAll();
        assertThat(text(lost.await())).isEqualTo("seat 2");
    }

    @SimulatedTest(machine = Seats.class, replicas = 3, seeds = 100)
    void what_was_told_survives_the_loss_of_all_power(SimulatedCluster cluster) {
        SimulatedClient client = cluster.client();
        reserve(client, "Ada");
        cluster.loseUnsyncedWritesEverywhere();
        cluster.runFor(Duration.ofSeconds(1));
        cluster.healAll();
        assertThat(text(client.query(new byte[0]))).isEqualTo("1 taken");
    }

    @SimulatedTest(machine = Seats.class, seeds = 100, weather = Forecast.SWARM)
    void nobody_gets_a_seat_that_somebody_has(SimulatedCluster cluster) {
        List<SimulatedClient> clients = List.of(cluster.client(), cluster.client());
        TreeSet<String> seats = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            SimulatedClient client = clients.get(cluster.random().nextInt(clients.size()));
            assertThat(seats.add(reserve(client, "guest " + i))).isTrue();
            cluster.runFor(Duration.ofMillis(200));
        }
    }
}
