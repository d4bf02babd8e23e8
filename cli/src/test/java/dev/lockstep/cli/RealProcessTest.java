package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.FaultModel;
import dev.lockstep.testkit.history.HistoryFile;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.Linearizability;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Three real processes, or two under fail-stop faults with an authority, real sockets and disks:
/// any of them is killed or frozen while clients write, again and again, and nothing that was
/// acknowledged is lost or done twice.
///
/// `-Dkill.rounds=100` for more rounds, `-Dkill.seed=…` for another choice of victims. What
/// the replicas said and what the clients saw stays in `target/real-process`.
@Order(1)
final class RealProcessTest {

    private static final int ROUNDS = Integer.getInteger("kill.rounds", 6);
    private static final long SEED = Long.getLong("kill.seed", System.nanoTime());
    private static final int SESSIONS = 4;

    /// Acknowledged before, during and after each fault.
    private static final int PROGRESS = 300;

    /// Every so many rounds the victim is frozen instead, and at another all die at once.
    private static final int FREEZE_EVERY = 4;

    private static final int ALL_EVERY = 5;

    private static final Path DIRECTORY = Path.of("target", "real-process");

    /// Small and quick to start: three of them share two cores with the clients.
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED");

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final LocalCluster cluster = new LocalCluster(DIRECTORY, JVM_OPTIONS);
    private final Load load = new Load(cluster);

    private void startReplicas(int count, String order, boolean isFailStop)
            throws InterruptedException {
        cluster.wipe();
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        cluster.create(
                count,
                _ -> ports.any(),
                order,
                isFailStop ? FaultModel.FAIL_STOP : FaultModel.CRASH);
        cluster.open();
        cluster.start();
        awaitMembers();
    }

    /// Waits until all are members that serve: whoever was left out has been taken in again.
    private void awaitMembers() throws InterruptedException {
        cluster.awaitServing(Await.LIMIT);
        Await.until(
                () -> "all replicas to serve; last words:%n%s".formatted(lastWords()),
                () ->
                        cluster.replicas().stream()
                                .allMatch(replica -> cluster.admin(replica.id()).isServing()));
    }

    @AfterEach
    void stopEverything() {
        load.close();
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource({"3, leader, false", "2, logical-clock, true", "2, replica-ids, true"})
    void what_was_acknowledged_survives_every_death(int count, String order, boolean isFailStop)
            throws Exception {
        System.out.println("seed " + SEED + ", rounds " + ROUNDS);
        startReplicas(count, order, isFailStop);
        load.start(SESSIONS, random.nextLong());
        for (int round = 1; round <= ROUNDS; round++) {
            load.beginRound(round);
            awaitProgress(round, "before the fault");
            // A replica that was slow may have been left out meanwhile, and then another's death
            // would be one too many.
            awaitMembers();
            if (round % ALL_EVERY == 0) {
                killAll();
            } else if (round % FREEZE_EVERY == 0) {
                freeze(round, victim());
            } else {
                kill(round, victim());
            }
            awaitProgress(round, "after it");
        }
        load.stop();
        for (SessionLoad session : load.sessions()) {
            assertThat(session.failure()).isNull();
        }
        awaitEqualStates();
        int operations = load.operations().size();
        readEverythingAtTheEnd();
        judge(load.operations());
        System.out.println(operations + " operations, " + load.acknowledged() + " acknowledged");
        for (ReplicaProcess replica : cluster.replicas()) {
            assertThat(replica.stop()).as("replica %d drains at SIGTERM", replica.id()).isTrue();
            assertThat(replica.awaitEnd()).as("exit code of replica %d", replica.id()).isZero();
        }
    }

    private ReplicaProcess victim() {
        return cluster.replicas().get(random.nextInt(cluster.replicas().size()));
    }

    private void awaitProgress(int round, String when) throws InterruptedException {
        int enough = load.acknowledged() + PROGRESS;
        Await.until(
                () ->
                        "%d operations %s in round %d; last words:%n%s"
                                .formatted(PROGRESS, when, round, lastWords()),
                () -> load.acknowledged() >= enough);
    }

    private String lastWords() {
        StringBuilder all = new StringBuilder();
        for (ReplicaProcess replica : cluster.replicas()) {
            all.append("replica ").append(replica.id());
            all.append(replica.isAlive() ? "" : " (dead)").append(System.lineSeparator());
            all.append(replica.lastWords()).append(System.lineSeparator());
        }
        return all.toString();
    }

    private void kill(int round, ReplicaProcess victim) throws InterruptedException {
        victim.kill();
        awaitProgress(round, "without replica " + victim.id());
        victim.start();
        awaitMembers();
    }

    private void killAll() throws InterruptedException {
        for (ReplicaProcess replica : cluster.replicas()) {
            replica.kill();
        }
        cluster.replicas().forEach(ReplicaProcess::start);
        awaitMembers();
    }

    private void freeze(int round, ReplicaProcess victim) throws IOException, InterruptedException {
        victim.signal("STOP");
        try {
            awaitProgress(round, "while replica " + victim.id() + " is frozen");
        } finally {
            victim.signal("CONT");
        }
        awaitMembers();
    }

    private void awaitEqualStates() throws InterruptedException {
        List<JsonNode> digests = new ArrayList<>();
        Await.until(
                () -> "equal digests: " + digests,
                () -> {
                    digests.clear();
                    for (ReplicaProcess replica : cluster.replicas()) {
                        try {
                            digests.add(cluster.admin(replica.id()).get("/digest"));
                        } catch (IOException silent) {
                            return false;
                        }
                    }
                    return digests.stream()
                                            .map(
                                                    d ->
                                                            List.of(
                                                                    d.path("position"),
                                                                    d.path("state"),
                                                                    d.path("host"),
                                                                    d.path("chain")))
                                            .distinct()
                                            .count()
                                    == 1
                            && digests.getFirst().hasNonNull("state");
                });
    }

    /// Through every replica's Redis port: what is there in the end is part of the history, and the
    /// sessions' own logs hold each token once, in order.
    private void readEverythingAtTheEnd() throws IOException {
        List<String> keys = load.operations().stream().map(Operation::key).distinct().toList();
        for (ReplicaProcess replica : cluster.replicas()) {
            var member = cluster.member(replica.id());
            try (RedisConnection redis =
                    new RedisConnection(
                            member.host(), member.gatewayPorts().getOrDefault("redis", 0))) {
                for (String key : keys) {
                    var call = load.history().invoke(0, key, "get", "");
                    call.returned(redis.ask("GET", key));
                }
                for (SessionLoad session : load.sessions()) {
                    for (var log : session.tokens().entrySet()) {
                        compare(log.getKey(), log.getValue(), redis.ask("GET", log.getKey()));
                    }
                }
            }
        }
    }

    private static void compare(String key, List<TokenLog.Token> appended, String found) {
        String text = found.equals(RedisConnection.NOTHING) ? "" : found;
        assertThat(TokenLog.trouble(appended, text)).as(key).isEmpty();
    }

    private static void judge(List<Operation> history) throws IOException {
        HistoryFile.write(DIRECTORY.resolve("history.txt"), history);
        Linearizability verdict = new LinearizabilityChecker(new KeyValueModel()).check(history);
        assertThat(verdict)
                .as("seed %d, history in %s", SEED, DIRECTORY.resolve("history.txt"))
                .isInstanceOf(Linearizability.Holds.class);
    }
}
