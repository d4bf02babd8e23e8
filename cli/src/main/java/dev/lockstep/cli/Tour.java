package dev.lockstep.cli;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.core.FaultModel;
import dev.lockstep.node.MemberConfig;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// The guided tour: does what Lockstep is for, says what it does, and checks what it says.
///
/// On a cluster, a directory and ports of its own, so that a demo may run beside it.
@SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency of its own.
final class Tour {

    private static final int PAIRS = 100;
    private static final int BEFORE_KILL = 2_000;
    private static final int AFTER_KILL = 2_000;
    private static final int MOST_GAP_MILLIS = 10_000;
    private static final int CHUNK = 500;

    private final Console console;
    private final TourGuide guide;
    private final Path directory;
    private final String order;
    private final boolean isFailStop;

    /// @param order as in cluster.yaml
    /// @param isFailStop two replicas under fail-stop faults instead of three under crash faults
    Tour(Console console, Path directory, String order, boolean isFailStop) {
        this.isFailStop = isFailStop;
        this.console = console;
        this.guide = new TourGuide(console);
        this.order = order;
        this.directory = directory;
    }

    /// Runs the tour; the exit code says whether everything held.
    int run() throws InterruptedException {
        LocalCluster cluster = new LocalCluster(directory);
        Thread atEnd = Thread.ofPlatform().unstarted(cluster::close);
        Runtime.getRuntime().addShutdownHook(atEnd);
        try {
            cluster.wipe();
            Ports ports = new Ports(InetAddress.getLoopbackAddress());
            cluster.create(
                    isFailStop ? 2 : 3,
                    _ -> ports.any(),
                    order,
                    isFailStop ? FaultModel.FAIL_STOP : FaultModel.CRASH);
            cluster.open();
            walk(cluster);
            console.line("%nEverything held.");
            return ExitCode.DONE;
        } catch (TourGuide.FailedException | IOException e) {
            console.line(
                    "%nFAILED: %s%nThe replicas' logs are in %s.",
                    Objects.requireNonNullElse(e.getMessage(), e.toString()),
                    cluster.directory().resolve("log"));
            return ExitCode.FAILED;
        } finally {
            // A shutdown in progress runs the hook, which closes the cluster as well.
            if (!Invocation.isEnding()) {
                cluster.close();
                removeHook(atEnd);
            }
        }
    }

    static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Closing twice does no harm.
        }
    }

    private void walk(LocalCluster cluster)
            throws InterruptedException, IOException, TourGuide.FailedException {
        if (isFailStop) {
            walkFailStop(cluster);
            return;
        }
        guide.step(
                "Starting three replicas of a key-value service, each a process with its own disk.");
        cluster.start();
        cluster.awaitServing(TourGuide.LIMIT);
        int leader = hasLeader() ? leaderOf(cluster) : 1;
        List<Integer> followers = new ArrayList<>(List.of(1, 2, 3));
        followers.remove((Integer) leader);
        if (hasLeader()) {
            guide.said("Replica %d sequences the commands; every replica takes them.", leader);
        } else {
            guide.said(
                    "No replica leads: each gives the commands that it takes a place in the order.");
        }

        writeAndRead(cluster, followers.getFirst(), followers.getLast());
        TourWriter writer = killUnderLoad(cluster, leader);
        verify(cluster, writer, followers.getFirst());
        restartAndConverge(cluster, leader);
    }

    /// Either of two replicas may die, and the other goes on.
    private void walkFailStop(LocalCluster cluster)
            throws InterruptedException, IOException, TourGuide.FailedException {
        guide.step(
                "Starting two replicas of a key-value service, each a process with its own disk,"
                        + " and an authority that says which of them go on.");
        cluster.start();
        cluster.awaitServing(TourGuide.LIMIT);
        TourGuide.await("both to be members", () -> areMembers(cluster));
        guide.said("Every command needs both replicas, until the authority leaves one out.");
        writeAndRead(cluster, 1, 2);
        for (int victim = 1; victim <= 2; victim++) {
            try (RedisConnection redis = redis(cluster, victim)) {
                redis.ask("DEL", TourWriter.COUNTER);
            }
            TourWriter writer = killUnderLoad(cluster, victim);
            verify(cluster, writer, 3 - victim);
            restartAndConverge(cluster, victim);
        }
    }

    private void writeAndRead(LocalCluster cluster, int writer, int reader)
            throws IOException, TourGuide.FailedException {
        guide.step(
                "Writing %d keys through replica %d, reading each at once through replica %d.",
                PAIRS, writer, reader);
        try (RedisConnection in = redis(cluster, writer);
                RedisConnection out = redis(cluster, reader)) {
            for (int i = 0; i < PAIRS; i++) {
                in.ask("SET", "hello:" + i, "world " + i);
                String read = out.ask("GET", "hello:" + i);
                TourGuide.check(
                        read.equals("world " + i),
                        "hello:%d was acknowledged by replica %d, and replica %d reads %s",
                        i,
                        writer,
                        reader,
                        read);
            }
        }
        guide.said("No read was stale: an acknowledged write is seen everywhere.");
    }

    private TourWriter killUnderLoad(LocalCluster cluster, int leader)
            throws InterruptedException, TourGuide.FailedException {
        guide.step(
                "A client writes without pause, 16 commands in flight. kill -9 of replica %d.",
                leader);
        TourWriter writer = new TourWriter(ClusterFile.load(cluster.file()));
        writer.start();
        TourGuide.await(
                "the client's first writes", () -> writer.acknowledgements() >= BEFORE_KILL);
        writer.measureGapFromHere();
        cluster.replica(leader).kill();
        int atKill = writer.acknowledgements();
        TourGuide.await(
                "writes after the death of the replica",
                () -> writer.acknowledgements() >= atKill + AFTER_KILL);
        writer.stop();
        TourGuide.check(writer.failures() == 0, "a command failed: %s", writer.failure());
        TourGuide.check(
                writer.longestGapMillis() < MOST_GAP_MILLIS,
                "the client waited %d ms",
                writer.longestGapMillis());
        guide.said(
                "%s. The client saw no error; the longest it waited was %d ms.",
                howTheyWentOn(), writer.longestGapMillis());
        return writer;
    }

    private String howTheyWentOn() {
        if (isFailStop) {
            return "The authority left it out, and the other went on alone";
        }
        return hasLeader() ? "The others chose a new leader" : "The others went on";
    }

    private boolean hasLeader() {
        return order.equals(LocalCluster.USUAL_ORDER);
    }

    private void verify(LocalCluster cluster, TourWriter writer, int reader)
            throws IOException, TourGuide.FailedException {
        List<Integer> keys = writer.acknowledgedKeys();
        guide.step("Looking for every acknowledged write, through replica %d.", reader);
        try (RedisConnection redis = redis(cluster, reader)) {
            for (int from = 0; from < keys.size(); from += CHUNK) {
                List<Integer> some = keys.subList(from, Math.min(from + CHUNK, keys.size()));
                List<List<String>> gets = new ArrayList<>();
                some.forEach(number -> gets.add(List.of("GET", TourWriter.key(number))));
                List<String> values = redis.askAll(gets);
                for (int i = 0; i < some.size(); i++) {
                    TourGuide.check(
                            values.get(i).equals(Integer.toString(some.get(i))),
                            "%s was acknowledged and is %s",
                            TourWriter.key(some.get(i)),
                            values.get(i));
                }
            }
            String counter = redis.ask("GET", TourWriter.COUNTER);
            TourGuide.check(
                    counter.equals(Integer.toString(writer.acknowledgedIncrements())),
                    "%d increments were acknowledged and the counter is %s",
                    writer.acknowledgedIncrements(),
                    counter);
            guide.said(
                    "All %d keys are there, and the counter is exactly %s: none lost, none twice.",
                    keys.size(), counter);
        }
    }

    private void restartAndConverge(LocalCluster cluster, int killed)
            throws InterruptedException, TourGuide.FailedException {
        guide.step("Starting replica %d again on what its disk had.", killed);
        cluster.replica(killed).start();
        cluster.awaitServing(TourGuide.LIMIT);
        TourGuide.await("all to be members", () -> areMembers(cluster));
        TourGuide.await("equal digests", () -> areEqual(digests(cluster)));
        List<JsonNode> digests = digests(cluster);
        TourGuide.check(areEqual(digests), "the digests differ again: %s", digests);
        JsonNode first = digests.getFirst();
        guide.said(
                "It caught up%s. %s have executed position %s and hold the same state, SHA-256"
                        + " %s….",
                isFailStop ? ", and the authority has taken it in again" : "",
                isFailStop ? "Both" : "All three",
                first.path("position").asText(),
                first.path("state").asText().substring(0, 16));
    }

    private static boolean areMembers(LocalCluster cluster) {
        Set<Long> epochs = new TreeSet<>();
        for (MemberConfig member : cluster.members()) {
            try {
                JsonNode status = cluster.admin(member.id().value()).get("/status");
                if (!status.path("serving").asBoolean()) {
                    return false;
                }
                epochs.add(status.path("epoch").asLong());
            } catch (IOException silent) {
                return false;
            }
        }
        // Who was left out and does not know it yet calls itself a member of the epoch before.
        return epochs.size() == 1;
    }

    private static List<JsonNode> digests(LocalCluster cluster) {
        List<JsonNode> digests = new ArrayList<>();
        for (MemberConfig member : cluster.members()) {
            try {
                digests.add(cluster.admin(member.id().value()).get("/digest"));
            } catch (IOException e) {
                // It does not answer yet: fewer than all are not equal.
            }
        }
        return digests;
    }

    private boolean areEqual(List<JsonNode> digests) {
        return digests.size() == (isFailStop ? 2 : 3)
                && digests.stream()
                                .map(
                                        d ->
                                                List.of(
                                                        d.path("position"),
                                                        d.path("state"),
                                                        d.path("chain")))
                                .distinct()
                                .count()
                        == 1
                && digests.getFirst().hasNonNull("state");
    }

    private static int leaderOf(LocalCluster cluster)
            throws InterruptedException, TourGuide.FailedException {
        int[] found = new int[1];
        TourGuide.await(
                "a leader that all know",
                () -> {
                    found[0] = cluster.agreedEntry();
                    return found[0] != 0;
                });
        return found[0];
    }

    private static RedisConnection redis(LocalCluster cluster, int id) throws IOException {
        MemberConfig member = cluster.member(id);
        return new RedisConnection(member.host(), member.gatewayPorts().getOrDefault("redis", 0));
    }
}
