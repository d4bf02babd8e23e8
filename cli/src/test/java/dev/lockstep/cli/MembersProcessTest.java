package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.Incarnation;
import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterMembers;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;
import dev.lockstep.testkit.history.HistoryFile;
import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.Linearizability;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The members of a cluster of real processes change while clients write: by `lockstep member`, and
/// because disks are lost. The longest wait of a client in each step is printed.
///
/// `-Dmembers.changes=40` for the number of changes whose pause is measured, `-Dmembers.seed=…`
/// for another load. What the replicas said stays in `target/members-process`.
final class MembersProcessTest {

    private static final long SEED = Long.getLong("members.seed", System.nanoTime());
    private static final int CHANGES = Integer.getInteger("members.changes", 12);
    private static final int SESSIONS = 3;

    /// Answered to the probe before and after each change.
    private static final int PROGRESS = 50;

    /// Far above what is measured, and far below an election or a client's patience.
    private static final double TOLERATED_MILLIS = 250;

    private static final Path DIRECTORY = Path.of("target", "members-process");

    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED");

    private final LocalCluster cluster = new LocalCluster(DIRECTORY, JVM_OPTIONS);
    private final Load load = new Load(cluster);
    private final Ports ports = new Ports(InetAddress.getLoopbackAddress());

    /// All that were ever started, by number.
    private final Map<Integer, ReplicaProcess> processes = new TreeMap<>();

    private ClusterAdmin admin;
    private GapProbe probe;

    @BeforeEach
    void startReplicas() throws InterruptedException {
        cluster.wipe();
        cluster.create(3, _ -> ports.any());
        cluster.open();
        cluster.start();
        cluster.replicas().forEach(replica -> processes.put(replica.id(), replica));
        cluster.awaitServing(Await.LIMIT);
        admin =
                new ClusterAdmin(
                        cluster.members().stream()
                                .map(m -> m.adminHost() + ":" + m.adminPort())
                                .toList());
        probe = new GapProbe(cluster);
    }

    @AfterEach
    void stopEverything() throws InterruptedException {
        load.close();
        probe.close();
        for (ReplicaProcess process : processes.values()) {
            if (process.isAlive()) {
                process.kill();
            }
        }
        cluster.close();
    }

    @Test
    void every_disk_is_lost_in_turn_and_the_cluster_grows_and_shrinks_under_load()
            throws Exception {
        System.out.println("seed " + SEED);
        load.start(SESSIONS, SEED);
        step(0, "nothing changes", () -> Thread.sleep(1_000));
        for (int id = 1; id <= 3; id++) {
            int victim = id;
            step(id, "the disk of replica " + id + " is lost", () -> loseDisk(victim));
        }
        step(4, "replica 4 is added", () -> join(4));
        step(5, "replica 5 is added", () -> join(5));
        step(6, "replica 1 is removed", () -> leave(1));
        step(7, "replica 2 is removed", () -> leave(2));
        load.stop();
        for (SessionLoad session : load.sessions()) {
            assertThat(session.failure()).isNull();
        }
        assertThat(probe.failure()).isNull();
        assertThat(ids(members())).containsExactly(3, 4, 5);
        probe.close();
        awaitEqualStates();
        readEverythingAtTheEnd();
        judge(load.operations());
    }

    @Test
    void clients_hardly_notice_a_change() throws Exception {
        join(4);
        double[] gaps = new double[CHANGES];
        double[] quiet = new double[CHANGES];
        for (int i = 0; i < CHANGES; i++) {
            probe.longestMillis();
            probe.awaitAnswers(PROGRESS);
            quiet[i] = probe.longestMillis();
            boolean isMember = ids(members()).contains(4);
            if (isMember) {
                admin.remove(4, Await.LIMIT, _ -> {});
            } else {
                admin.add(4, Await.LIMIT, _ -> {});
            }
            probe.awaitAnswers(PROGRESS);
            gaps[i] = probe.longestMillis();
        }
        Arrays.sort(gaps);
        Arrays.sort(quiet);
        say("a client's longest wait at each of %d changes: %s", CHANGES, show(gaps));
        say("and without a change, as often: %s", show(quiet));
        assertThat(probe.failure()).isNull();
        assertThat(gaps[CHANGES / 2]).isLessThan(TOLERATED_MILLIS);
    }

    /// From each order to each other one, in turn.
    private static final List<String> TOUR_OF_ORDERS =
            List.of(
                    "logical-clock",
                    "synchronized-clock",
                    "logical-clock",
                    "replica-ids",
                    "logical-clock",
                    "leader",
                    "synchronized-clock",
                    "replica-ids",
                    "synchronized-clock",
                    "leader",
                    "replica-ids",
                    "leader");

    @Test
    void clients_hardly_notice_a_switch_of_order() throws Exception {
        load.start(SESSIONS, SEED);
        load.beginRound(0);
        double[] gaps = new double[Math.max(CHANGES, TOUR_OF_ORDERS.size())];
        double[] quiet = new double[gaps.length];
        for (int i = 0; i < gaps.length; i++) {
            probe.longestMillis();
            probe.awaitAnswers(PROGRESS);
            quiet[i] = probe.longestMillis();
            String order = TOUR_OF_ORDERS.get(i % TOUR_OF_ORDERS.size());
            var _ = admin.switchOrder(order, Await.LIMIT, _ -> {});
            probe.awaitAnswers(PROGRESS);
            gaps[i] = probe.longestMillis();
        }
        load.stop();
        for (SessionLoad session : load.sessions()) {
            assertThat(session.failure()).isNull();
        }
        Arrays.sort(gaps);
        Arrays.sort(quiet);
        say(
                "a client's longest wait at each of %d switches under load: %s",
                gaps.length, show(gaps));
        say("and without a switch, as often: %s", show(quiet));
        assertThat(probe.failure()).isNull();
        probe.close();
        judge(load.operations());
        assertThat(gaps[gaps.length / 2]).isLessThan(TOLERATED_MILLIS);
    }

    private static String show(double[] sorted) {
        return String.format(
                Locale.ROOT,
                "median %.1f ms, 90%% %.1f ms, longest %.1f ms",
                sorted[sorted.length / 2],
                sorted[sorted.length * 9 / 10],
                sorted[sorted.length - 1]);
    }

    private interface Action {
        void run() throws Exception;
    }

    private void step(int number, String what, Action action) throws Exception {
        load.beginRound(number);
        probe.awaitAnswers(PROGRESS);
        probe.longestMillis();
        long began = System.nanoTime();
        action.run();
        long took = System.nanoTime() - began;
        probe.awaitAnswers(PROGRESS);
        say(
                "%-32s took %6.1f s, longest wait of a client %7.1f ms",
                what, took / 1e9, probe.longestMillis());
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
    private static void say(String format, Object... arguments) {
        System.out.println(String.format(Locale.ROOT, format, arguments));
    }

    private void loseDisk(int id) throws Exception {
        Incarnation before = lifeOf(id);
        ReplicaProcess replica = process(id);
        replica.kill();
        delete(cluster.directory().resolve(Integer.toString(id)));
        replica.start();
        Await.until(
                () -> "replica " + id + " in a new life; its last words: " + replica.lastWords(),
                () -> {
                    ClusterMembers now = members();
                    return now.isSettled() && !before.equals(lifeOf(now, id));
                });
        awaitServing(id);
    }

    private ReplicaProcess process(int id) {
        return Objects.requireNonNull(processes.get(id));
    }

    private ClusterMembers members() {
        try {
            return admin.members();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Incarnation lifeOf(int id) {
        return lifeOf(members(), id);
    }

    private static Incarnation lifeOf(ClusterMembers members, int id) {
        return members.members().stream()
                .filter(member -> member.id() == id)
                .findFirst()
                .orElseThrow()
                .incarnation();
    }

    private void join(int id) throws Exception {
        Path file = cluster.directory().resolve("cluster-" + id + ".yaml");
        String entry =
                String.format(
                        Locale.ROOT,
                        "  - {id: %d, host: %s, peer-port: %d, client-port: %d, admin-port: %d,"
                                + " redis-port: %d, joins: true}%n",
                        id,
                        LocalCluster.HOST,
                        ports.any(),
                        ports.any(),
                        ports.any(),
                        ports.any());
        Files.writeString(file, Files.readString(cluster.file()) + entry);
        Path log = cluster.directory().resolve("log").resolve("replica-" + id + ".log");
        ReplicaProcess process = new ReplicaProcess(file, id, log, JVM_OPTIONS);
        processes.put(id, process);
        process.start();
        Await.until(
                () -> "replica " + id + " follows; its last words: " + process.lastWords(),
                () -> members().learner(id) != null);
        lockstep("member", "add", Integer.toString(id));
        awaitServing(id);
    }

    private void leave(int id) throws Exception {
        lockstep("member", "remove", Integer.toString(id));
        assertThat(process(id).stop()).as("replica %d ends at SIGTERM", id).isTrue();
    }

    private void lockstep(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--config", cluster.file().toString()));
        assertThat(Main.commandLine().execute(all.toArray(String[]::new)))
                .as("%s", all)
                .isEqualTo(ExitCode.DONE);
    }

    private AdminClient adminOf(int id) {
        ClusterMembers.Entry member = members().member(id);
        return AdminClient.of(String.valueOf(Objects.requireNonNull(member).adminAddress()));
    }

    private void awaitServing(int id) throws InterruptedException {
        Await.until(
                () -> "replica " + id + " serves; last words: " + process(id).lastWords(),
                () -> adminOf(id).isServing());
    }

    private static List<Integer> ids(ClusterMembers members) {
        return members.members().stream().map(ClusterMembers.Entry::id).toList();
    }

    private static void delete(Path directory) throws IOException {
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, IOException e)
                            throws IOException {
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private void awaitEqualStates() throws InterruptedException {
        List<JsonNode> digests = new ArrayList<>();
        Await.until(
                () -> "equal digests: " + digests,
                () -> {
                    digests.clear();
                    for (int id : ids(members())) {
                        try {
                            digests.add(adminOf(id).get("/digest"));
                        } catch (IOException silent) {
                            return false;
                        }
                    }
                    return digests.getFirst().hasNonNull("state")
                            && digests.stream()
                                            .map(
                                                    d ->
                                                            List.of(
                                                                    d.path("position"),
                                                                    d.path("state"),
                                                                    d.path("host"),
                                                                    d.path("chain")))
                                            .distinct()
                                            .count()
                                    == 1;
                });
    }

    /// What is there in the end is part of the history, and the sessions' own logs hold each token
    /// once, in order. Asked by a client that knows only replicas that have changed since.
    private void readEverythingAtTheEnd() {
        MemberConfig third = cluster.member(3);
        List<String> keys = load.operations().stream().map(Operation::key).distinct().toList();
        try (LockstepClient client =
                LockstepClient.builder().address(third.host(), third.clientPort()).connect()) {
            for (String key : keys) {
                var call = load.history().invoke(0, key, "get", "");
                call.returned(SessionLoad.result(ask(client, key)));
            }
            for (SessionLoad session : load.sessions()) {
                for (var log : session.tokens().entrySet()) {
                    String found = SessionLoad.result(ask(client, log.getKey()));
                    String text = found.equals(Operation.NIL) ? "" : found;
                    assertThat(TokenLog.trouble(log.getValue(), text)).as(log.getKey()).isEmpty();
                }
            }
        }
    }

    private static KvReply ask(LockstepClient client, String key) {
        byte[] query = KvCommands.of("get", key).bytes();
        return KvReply.decode(client.query(query).toCompletableFuture().join().bytes());
    }

    private static void judge(List<Operation> history) throws IOException {
        HistoryFile.write(DIRECTORY.resolve("history.txt"), history);
        say("%d operations", history.size());
        Linearizability verdict = new LinearizabilityChecker(new KeyValueModel()).check(history);
        assertThat(verdict)
                .as("seed %d, history in %s", SEED, DIRECTORY.resolve("history.txt"))
                .isInstanceOf(Linearizability.Holds.class);
    }
}
