package dev.lockstep.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.api.Client;
import dev.lockstep.api.LockstepException;
import dev.lockstep.core.Accusation;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.EvidenceJudge;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.services.kv.KvCommands;
import dev.lockstep.services.kv.KvReply;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/// The guided tour of a cluster whose members do not trust one another: one of four replicas
/// misbehaves in one way after the other, and a client that counts answers is told nothing wrong.
///
/// On a cluster, a directory and ports of its own, so that a demo may run beside it.
final class ByzantineTour {

    private static final int REPLICAS = 4;
    private static final int KEYS = 50;
    private static final int WRITES = 600;
    private static final Duration CALL = Duration.ofSeconds(20);
    private static final long STOPPED_MILLIS = 2_500;
    private static final String KNOB = "-Dlockstep.test.misconduct=";

    private final Console console;
    private final TourGuide guide;
    private final Path directory;

    ByzantineTour(Console console, Path directory) {
        this.console = console;
        this.guide = new TourGuide(console);
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
                    REPLICAS, _ -> ports.any(), LocalCluster.USUAL_ORDER, FaultModel.BYZANTINE);
            // A state that was corrupted is replaced by the next snapshot that others vouch for.
            Files.writeString(
                    cluster.file(),
                    Files.readString(cluster.file())
                            .replace("together-every: 5m", "together-every: 5s"));
            cluster.open();
            walk(cluster);
            console.line("%nEverything held.");
            return ExitCode.DONE;
        } catch (TourGuide.FailedException | LockstepException | IOException e) {
            console.line(
                    "%nFAILED: %s%nThe replicas' logs are in %s.",
                    Objects.requireNonNullElse(e.getMessage(), e.toString()),
                    cluster.directory().resolve("log"));
            return ExitCode.FAILED;
        } finally {
            // A shutdown in progress runs the hook, which closes the cluster as well.
            if (!Invocation.isEnding()) {
                cluster.close();
                Tour.removeHook(atEnd);
            }
        }
    }

    private void walk(LocalCluster cluster)
            throws InterruptedException, IOException, TourGuide.FailedException {
        guide.step(
                "Starting four replicas of a key-value service, each a process with its own disk"
                        + " and its own key.");
        cluster.start();
        cluster.awaitServing(TourGuide.LIMIT);
        NodeConfig known = ClusterFile.load(cluster.file());
        guide.said("Every request is signed; an answer counts when two of four give the same.");
        writeAndRead(known);
        int liar = equivocate(cluster, known);
        misbehave(
                cluster,
                known,
                liar,
                "lies",
                "answers every client with something else than what came of the request");
        misbehave(cluster, known, liar, "keeps-silent", "hears everybody and answers nobody");
        misbehave(
                cluster,
                known,
                liar,
                "corrupts-its-state",
                "executes every command twice, so that its state is wrong");
        converge(cluster, known, liar);
        refuse(cluster, known, liar);
    }

    private void writeAndRead(NodeConfig known) throws TourGuide.FailedException {
        guide.step("Writing %d keys, and reading each at once.", KEYS);
        try (Client client = connect(known)) {
            for (int i = 0; i < KEYS; i++) {
                ask(client, "set", "hello:" + i, "world " + i);
                String read = ask(client, "get", "hello:" + i);
                TourGuide.check(
                        read.equals("world " + i),
                        "hello:%d was acknowledged, and it is %s",
                        i,
                        read);
            }
        }
        guide.said("No read was stale: a read has a place in the order as a write has.");
    }

    /// Has a replica equivocate that is the next to lead.
    ///
    /// @return which
    private int equivocate(LocalCluster cluster, NodeConfig known)
            throws InterruptedException, TourGuide.FailedException {
        int[] leader = new int[1];
        TourGuide.await(
                "a leader that all know",
                () -> {
                    leader[0] = cluster.agreedEntry();
                    return leader[0] != 0;
                });
        int liar = leader[0] % REPLICAS + 1;
        guide.step(
                "Replica %d is run as one that tells half of the others of one block and half of"
                        + " another when it leads. Replica %d, which leads, is stopped for a"
                        + " moment, so that it does.",
                liar, leader[0]);
        restart(cluster, liar, "equivocates");
        TourWriter writer = begin(known);
        pause(cluster.replica(leader[0]));
        TourGuide.await(
                "proof that replica " + liar + " equivocated",
                () -> accusers(cluster, known, liar).size() >= REPLICAS - 1);
        finish(known, writer);
        List<Integer> accusers = accusers(cluster, known, liar);
        guide.said(
                "Replicas %s keep the proof, which 'lockstep evidence' shows and checks:",
                accusers);
        guide.said("replica %s.", accusation(cluster, known, liar));
        return liar;
    }

    private static void pause(ReplicaProcess replica) throws InterruptedException {
        signal("STOP", replica);
        Thread.sleep(STOPPED_MILLIS);
        signal("CONT", replica);
    }

    private static void signal(String name, ReplicaProcess replica) throws InterruptedException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(replica.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new OperatorException("kill cannot be run: " + Reason.of(e), e);
        }
    }

    private void misbehave(
            LocalCluster cluster, NodeConfig known, int liar, String word, String what)
            throws InterruptedException, TourGuide.FailedException {
        guide.step("Replica %d now %s.", liar, what);
        restart(cluster, liar, word);
        finish(known, begin(known));
    }

    private static void restart(LocalCluster cluster, int id, String word)
            throws InterruptedException {
        begin(cluster, id, word);
        cluster.awaitServing(TourGuide.LIMIT);
    }

    private static void begin(LocalCluster cluster, int id, String word)
            throws InterruptedException {
        cluster.replica(id).kill();
        cluster.replica(id).start(word.isEmpty() ? List.of() : List.of(KNOB + word));
    }

    private static TourWriter begin(NodeConfig known) {
        try (Client client = connect(known)) {
            ask(client, "del", TourWriter.COUNTER);
        }
        TourWriter writer = new TourWriter(known);
        writer.start();
        return writer;
    }

    /// Lets it write for a while longer, and looks at everything that it was told.
    private void finish(NodeConfig known, TourWriter writer)
            throws InterruptedException, TourGuide.FailedException {
        int before = writer.acknowledgements();
        TourGuide.await("answers", () -> writer.acknowledgements() >= before + WRITES);
        writer.stop();
        TourGuide.check(writer.failures() == 0, "a command failed: %s", writer.failure());
        try (Client client = connect(known)) {
            for (int key : writer.acknowledgedKeys()) {
                String value = ask(client, "get", TourWriter.key(key));
                TourGuide.check(
                        value.equals(Integer.toString(key)),
                        "%s was acknowledged and is %s",
                        TourWriter.key(key),
                        value);
            }
            String counter = ask(client, "get", TourWriter.COUNTER);
            TourGuide.check(
                    counter.equals(Integer.toString(writer.acknowledgedIncrements())),
                    "%d increments were acknowledged and the counter is %s",
                    writer.acknowledgedIncrements(),
                    counter);
            guide.said(
                    "%d writes were answered, the longest wait was %d ms. All %d keys are right, and"
                            + " the counter is exactly %s.",
                    writer.acknowledgements(),
                    writer.longestGapMillis(),
                    writer.acknowledgedKeys().size(),
                    counter);
        }
    }

    private void converge(LocalCluster cluster, NodeConfig known, int liar)
            throws InterruptedException, TourGuide.FailedException {
        guide.step("Replica %d is started as it should be.", liar);
        begin(cluster, liar, "");
        TourWriter writer = begin(known);
        TourGuide.await("replica " + liar + " to serve", () -> isWell(cluster, liar));
        finish(known, writer);
        TourGuide.await("equal digests", () -> digests(cluster).stream().distinct().count() == 1);
        guide.said(
                "Its own state was found to be wrong, one that two others vouch for has taken its"
                        + " place, and all four hold the same, SHA-256 %s….",
                digests(cluster).getFirst().substring(0, 16));
    }

    private static boolean isWell(LocalCluster cluster, int id) {
        try {
            JsonNode status = cluster.admin(id).get("/status");
            return status.path("serving").asBoolean() && status.path("quarantineReason").isNull();
        } catch (IOException silent) {
            return false;
        }
    }

    private static List<String> digests(LocalCluster cluster) {
        List<String> digests = new ArrayList<>();
        for (int id = 1; id <= REPLICAS; id++) {
            try {
                JsonNode page = cluster.admin(id).get("/digest");
                digests.add(
                        page.path("state").asText()
                                + " at "
                                + page.path("position").asText()
                                + " after "
                                + page.path("chain").asText());
            } catch (IOException silent) {
                digests.add("nothing of " + id);
            }
        }
        return digests;
    }

    /// More lie than the cluster survives.
    private void refuse(LocalCluster cluster, NodeConfig known, int honest)
            throws InterruptedException, TourGuide.FailedException {
        guide.step(
                "All replicas but %d lie to clients, each in its own way: more than four replicas"
                        + " survive.",
                honest);
        for (int id = 1; id <= REPLICAS; id++) {
            if (id != honest) {
                restart(cluster, id, "lies");
            }
        }
        String answer;
        try (Client client = connect(known)) {
            answer = ask(client, "get", "hello:1");
        } catch (LockstepException e) {
            guide.said("The client believes none of them: %s.", String.valueOf(e.getMessage()));
            return;
        }
        throw new TourGuide.FailedException(
                "no two replicas said the same, and the client took " + answer + " for an answer");
    }

    private static List<Integer> accusers(LocalCluster cluster, NodeConfig known, int liar) {
        List<Integer> accusers = new ArrayList<>();
        for (int id = 1; id <= REPLICAS; id++) {
            if (id != liar && find(cluster, known, id, liar).isPresent()) {
                accusers.add(id);
            }
        }
        return accusers;
    }

    private static String accusation(LocalCluster cluster, NodeConfig known, int liar) {
        int keeper = accusers(cluster, known, liar).getFirst();
        Accusation found = find(cluster, known, keeper, liar).orElseThrow();
        return found.about() + " " + found.deed();
    }

    /// What one replica keeps against another, if it proves anything.
    private static Optional<Accusation> find(
            LocalCluster cluster, NodeConfig known, int keeper, int about) {
        try {
            EvidenceJudge judge = new EvidenceJudge(known);
            for (JsonNode each : cluster.admin(keeper).get("/evidence").path("evidence")) {
                byte[] proof = Base64.getDecoder().decode(each.path("proof").asText());
                Optional<Accusation> found = judge.judge(Bytes.wrap(proof));
                if (found.isPresent() && found.get().about().value() == about) {
                    return found;
                }
            }
        } catch (IOException silent) {
            // It is stopped for a moment, or starts.
        }
        return Optional.empty();
    }

    private static Client connect(NodeConfig known) {
        return ClusterClient.of(known).deadline(CALL).connect();
    }

    private static String ask(Client client, String... words) {
        KvCommands.Request encoded = KvCommands.of(words);
        try {
            byte[] reply =
                    (encoded.isQuery()
                                    ? client.query(encoded.bytes())
                                    : client.command(encoded.bytes()))
                            .toCompletableFuture()
                            .join()
                            .bytes();
            return switch (KvReply.decode(reply)) {
                case KvReply.Value value -> new String(value.value(), UTF_8);
                case KvReply.Number number -> Long.toString(number.value());
                case KvReply other -> other.toString();
            };
        } catch (CompletionException e) {
            if (e.getCause() instanceof LockstepException known) {
                throw known;
            }
            throw e;
        }
    }
}
