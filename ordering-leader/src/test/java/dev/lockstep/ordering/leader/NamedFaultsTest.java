package dev.lockstep.ordering.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.lockstep.api.Consistency;
import dev.lockstep.api.LockstepException;
import dev.lockstep.api.OverloadedException;
import dev.lockstep.api.UnavailableException;
import dev.lockstep.api.UnknownOutcomeException;
import dev.lockstep.testkit.junit.SimulatedTest;
import dev.lockstep.testkit.simulator.Forecast;
import dev.lockstep.testkit.simulator.Pending;
import dev.lockstep.testkit.simulator.SimulatedClient;
import dev.lockstep.testkit.simulator.SimulatedCluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Every fault that a test calls by its name has its effect, and the cluster recovers from it.
class NamedFaultsTest {

    private static final int SEEDS = 12;
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private static SimulatedClient.Typed<Integer, AddingMachine.Reply> adder(
            SimulatedCluster cluster) {
        return AddingMachine.of(cluster.client());
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void an_isolated_leader_is_replaced_and_answers_nothing_stale(SimulatedCluster cluster) {
        int old = cluster.awaitLeader();
        assertThat(adder(cluster).send(1).sum()).isEqualTo(1);
        cluster.isolate(old);
        assertThat(cluster.awaitLeader()).isNotEqualTo(old);
        assertThat(adder(cluster).send(2).sum()).isEqualTo(3);
        SimulatedClient atOld = cluster.clientAt(old).withDeadline(MOMENT);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> atOld.query(new byte[0]));
        byte[] stale = atOld.query(new byte[0], Consistency.LOCAL);
        assertThat(AddingMachine.of(atOld).decode().apply(stale).sum()).isEqualTo(1);
        cluster.healAll();
        cluster.awaitQuiet();
        assertThat(AddingMachine.of(atOld).query(0).sum()).isEqualTo(3);
    }

    @SimulatedTest(machine = AddingMachine.class, replicas = 5, seeds = SEEDS)
    void a_minority_learns_nothing_until_the_network_is_mended(SimulatedCluster cluster) {
        assertThat(adder(cluster).send(1).sum()).isEqualTo(1);
        cluster.awaitQuiet();
        cluster.partition(1, 2);
        assertThat(cluster.awaitLeader()).isBetween(3, 5);
        assertThat(adder(cluster).send(2).sum()).isEqualTo(3);
        cluster.runFor(MOMENT);
        assertThat(cluster.executed(1)).isEqualTo(1);
        assertThat(cluster.executed(2)).isEqualTo(1);
        assertThat(cluster.executed(cluster.leader())).isEqualTo(2);
        cluster.mendNetwork();
        cluster.awaitQuiet();
        assertThat(cluster.executed(1)).isEqualTo(2);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void where_one_way_is_cut_no_command_arrives(SimulatedCluster cluster) {
        int leader = cluster.awaitLeader();
        List<Integer> others = cluster.followers();
        cluster.awaitQuiet();
        cluster.cutOneWay(leader, others.get(0));
        cluster.cutLink(others.get(0), others.get(1));
        adder(cluster).send(1);
        cluster.runFor(MOMENT);
        assertThat(cluster.executed(others.get(0))).isZero();
        assertThat(cluster.executed(others.get(1))).isEqualTo(1);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void a_crashed_leader_is_replaced_and_catches_up(SimulatedCluster cluster) {
        int old = cluster.awaitLeader();
        cluster.crash(old);
        assertThat(cluster.isRunning(old)).isFalse();
        assertThat(adder(cluster).send(5).sum()).isEqualTo(5);
        assertThat(cluster.leader()).isNotEqualTo(old);
        assertThat(cluster.isRunning(old)).isFalse();
        cluster.restart(old);
        cluster.awaitQuiet();
        assertThat(cluster.executed(old)).isEqualTo(1);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void a_paused_leader_is_replaced_and_comes_back(SimulatedCluster cluster) {
        int old = cluster.awaitLeader();
        cluster.pause(old, Duration.ofSeconds(5));
        assertThat(cluster.awaitLeader()).isNotEqualTo(old);
        assertThat(cluster.elapsed()).isLessThan(Duration.ofSeconds(5));
        assertThat(adder(cluster).send(5).sum()).isEqualTo(5);
        assertThat(cluster.executed(old)).isZero();
        cluster.runFor(Duration.ofSeconds(6));
        assertThat(cluster.executed(old)).isEqualTo(1);
    }

    /// Who comes back after the end must not be taken for a cluster that does not come to rest.
    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void a_pause_that_is_left_to_itself_is_waited_for(SimulatedCluster cluster) {
        cluster.pause(cluster.awaitLeader(), MOMENT.plusMillis(cluster.random().nextInt(4000)));
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void what_was_acknowledged_survives_the_loss_of_power(SimulatedCluster cluster) {
        var client = adder(cluster);
        for (int i = 1; i <= 5; i++) {
            assertThat(client.send(1).sum()).isEqualTo(i);
        }
        int old = cluster.awaitLeader();
        cluster.loseUnsyncedWrites(old);
        assertThat(client.send(1).sum()).isEqualTo(6);
        cluster.loseUnsyncedWritesEverywhere();
        for (int id = 1; id <= cluster.size(); id++) {
            assertThat(cluster.isRunning(id)).isFalse();
            cluster.restart(id);
        }
        assertThat(client.send(1).sum()).isEqualTo(7);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void a_full_disk_refuses_and_recovers(SimulatedCluster cluster) {
        var client = adder(cluster);
        client.send(1);
        for (int id = 1; id <= cluster.size(); id++) {
            cluster.fillDisk(id);
        }
        SimulatedClient hasty = cluster.client().withDeadline(MOMENT);
        byte[] large = new byte[2048];
        assertThatExceptionOfType(LockstepException.class)
                .as("what is prepared of the journals is used up after a while")
                .isThrownBy(
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                hasty.send(large);
                            }
                        })
                .isInstanceOfAny(
                        OverloadedException.class,
                        UnavailableException.class,
                        UnknownOutcomeException.class);
        long executed = cluster.executed(cluster.awaitLeader());
        assertThat(AddingMachine.of(hasty).query(0).sum()).isEqualTo(1);
        cluster.runFor(MOMENT);
        assertThat(cluster.executed(cluster.leader())).isEqualTo(executed);
        for (int id = 1; id <= cluster.size(); id++) {
            cluster.makeRoom(id);
        }
        assertThat(client.send(4).sum()).isEqualTo(5);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void the_full_disk_of_a_follower_holds_up_nobody(SimulatedCluster cluster) {
        cluster.awaitLeader();
        int full = cluster.followers().getFirst();
        cluster.fillDisk(full);
        SimulatedClient client = cluster.client();
        for (int i = 1; i <= 60; i++) {
            client.send(new byte[2048]);
        }
        cluster.runFor(MOMENT);
        assertThat(cluster.executed(cluster.leader())).isEqualTo(60);
        cluster.makeRoom(full);
        cluster.awaitQuiet();
        assertThat(cluster.executed(full)).isEqualTo(60);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void a_failed_sync_ends_the_process_which_comes_back(SimulatedCluster cluster) {
        cluster.awaitLeader();
        int victim = cluster.followers().getFirst();
        cluster.failNextSync(victim);
        comesBack(cluster, victim);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void a_failed_write_ends_the_process_which_comes_back(SimulatedCluster cluster) {
        int victim = cluster.awaitLeader();
        cluster.failNextWrite(victim);
        comesBack(cluster, victim);
    }

    private static void comesBack(SimulatedCluster cluster, int victim) {
        Pending pending = adder(cluster).begin(1);
        cluster.await(() -> !cluster.isRunning(victim), "the process ends");
        cluster.await(() -> cluster.isRunning(victim), "the process comes back");
        pending.await();
        cluster.awaitQuiet();
        assertThat(cluster.executed(victim)).isEqualTo(1);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void agreed_time_follows_most_clocks_forward_and_none_back(SimulatedCluster cluster) {
        var client = adder(cluster);
        long before = client.send(1).timeNanos();
        cluster.jumpClock(cluster.awaitLeader(), Duration.ofSeconds(4));
        long alone = client.send(1).timeNanos();
        assertThat(alone - before).isBetween(900_000_000L, 1_500_000_000L);
        for (int id : cluster.followers()) {
            cluster.jumpClock(id, Duration.ofSeconds(4));
        }
        cluster.runFor(MOMENT);
        long after = client.send(1).timeNanos();
        assertThat(after - before).isGreaterThan(Duration.ofSeconds(4).toNanos());
        for (int id = 1; id <= cluster.size(); id++) {
            cluster.jumpClock(id, Duration.ofSeconds(-5));
        }
        assertThat(client.send(1).timeNanos()).isGreaterThanOrEqualTo(after);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = SEEDS)
    void nothing_runs_twice_although_connections_end(SimulatedCluster cluster) {
        var client = adder(cluster);
        cluster.awaitLeader();
        List<Pending> pending = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pending.add(client.begin(1));
            cluster.resetConnections();
            cluster.runFor(Duration.ofMillis(cluster.random().nextInt(20)));
        }
        pending.forEach(Pending::await);
        assertThat(client.query(0).sum()).isEqualTo(20);
    }

    @SimulatedTest(machine = AddingMachine.class, seeds = 15, weather = Forecast.SWARM)
    void named_faults_go_with_any_weather(SimulatedCluster cluster) {
        var client = adder(cluster);
        int sum = 0;
        for (int i = 1; i <= 8; i++) {
            cluster.crash(1);
            cluster.runFor(Duration.ofMillis(200));
            assertThat(cluster.isRunning(1)).isFalse();
            cluster.restart(1);
            sum += i;
            assertThat(client.send(i).sum()).isEqualTo(sum);
        }
    }
}
