package dev.lockstep.cli.soak;

import com.fasterxml.jackson.databind.JsonNode;

import dev.lockstep.cli.ClusterFile;
import dev.lockstep.cli.MemberPorts;
import dev.lockstep.cli.Ports;
import dev.lockstep.cli.ReplicaProcess;
import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.testkit.disk.DiskBound;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The replicas of a run, on the loopback interface or in namespaces.
///
/// Threading: one thread at a time.
final class SoakCluster implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";

    /// More than a replica ever takes up.
    private static final long DISK_BYTES = 256L << 20;

    /// Small, so that disks are asked for room, and segments and indexes made, every few seconds.
    private static final int SEGMENT_BYTES = 256 << 10;

    private static final long JOURNAL_BYTES = 2L << 20;

    /// What each replica may take up.
    static final DiskBound DISK_BOUND = new DiskBound(JOURNAL_BYTES, SEGMENT_BYTES);

    /// The skew that `clock: max-skew` allows, and as much again for what is under way.
    private static final long MOST_TIME_OFF_MILLIS = 2_000;

    private final SoakPlan plan;
    private final RunDirectory directory;
    private final @Nullable Namespaces namespaces;
    private final List<SoakReplica> replicas = new ArrayList<>();

    /// @param namespaces null to do without: then there are no partitions and no full disks
    SoakCluster(SoakPlan plan, RunDirectory directory, @Nullable Namespaces namespaces) {
        this.plan = plan;
        this.directory = directory;
        this.namespaces = namespaces;
    }

    RunDirectory directory() {
        return directory;
    }

    Namespaces namespaces() {
        return Objects.requireNonNull(namespaces, "nothing that needs namespaces without them");
    }

    /// The one that has a small disk of its own.
    SoakReplica withSmallDisk() {
        return replicas.getLast();
    }

    List<SoakReplica> replicas() {
        return replicas;
    }

    List<SoakReplica> othersThan(SoakReplica one) {
        return replicas.stream().filter(replica -> replica != one).toList();
    }

    /// Makes and starts a new cluster; one that was there before is ended and forgotten.
    void begin() throws IOException, InterruptedException, ViolationException {
        close();
        boolean first = replicas.isEmpty();
        replicas.clear();
        List<MemberPorts> members = members();
        Files.createDirectories(directory.data());
        Files.createDirectories(Objects.requireNonNull(directory.clock(1).getParent()));
        Files.writeString(
                directory.clusterFile(),
                withSnapshots(
                        ClusterFile.text(
                                ClusterFile.freshId(),
                                members,
                                directory.data().resolve("{id}").toString())));
        for (MemberPorts member : members) {
            replicas.add(make(member, first));
        }
        start();
    }

    /// Snapshots every few seconds, so that all faults hit them too.
    private static String withSnapshots(String text) {
        String often =
                text.replace(
                        "journal-bytes: 256MiB", "journal-bytes: " + (JOURNAL_BYTES >> 20) + "MiB");
        if (often.equals(text)) {
            throw new IllegalStateException("the template says nothing of snapshots");
        }
        return often;
    }

    void start() throws InterruptedException, ViolationException {
        replicas.forEach(SoakReplica::start);
        awaitServing();
    }

    private List<MemberPorts> members() {
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        List<MemberPorts> members = new ArrayList<>();
        for (int id = 1; id <= plan.replicas(); id++) {
            members.add(
                    new MemberPorts(
                            id,
                            namespaces == null ? LOOPBACK : namespaces.host(id),
                            ports.any(),
                            ports.any(),
                            ports.any(),
                            ports.any()));
        }
        return members;
    }

    private SoakReplica make(MemberPorts member, boolean first)
            throws IOException, InterruptedException {
        int id = member.id();
        Path data = directory.data(id);
        Files.createDirectories(data);
        RunDirectory.empty(data);
        Node.init(NodeConfig.load(directory.clusterFile(), id));
        List<String> entry = List.of();
        Path seen = data;
        if (namespaces != null) {
            entry = namespaces.entry(id);
            seen = namespaces.outside(id, data);
            if (id == plan.replicas()) {
                if (first) {
                    namespaces.mountDisk(id, data, DISK_BYTES);
                }
                RunDirectory.copy(data, seen);
            }
        }
        List<String> options = new ArrayList<>(ReplicaProcess.defaultJvmOptions());
        options.add("-Dlockstep.test.clock-offset-file=" + directory.clock(id));
        options.add("-Dlockstep.test.segment-bytes=" + SEGMENT_BYTES);
        Files.deleteIfExists(directory.clock(id));
        return new SoakReplica(
                member,
                new ReplicaProcess(directory.clusterFile(), id, directory.log(id), options, entry),
                seen);
    }

    /// The one that says it leads; null if none does, or none can be asked.
    @Nullable SoakReplica leader() {
        for (SoakReplica replica : replicas) {
            JsonNode status = replica.isAlive() ? replica.ask("/status") : null;
            if (status != null && status.path("order").path("role").asText().equals("leader")) {
                return replica;
            }
        }
        return null;
    }

    /// Checks every replica, see [SoakReplica#check].
    void check() throws ViolationException, InterruptedException {
        for (SoakReplica replica : replicas) {
            replica.check();
        }
    }

    /// Waits until every replica serves.
    void awaitServing() throws InterruptedException, ViolationException {
        for (SoakReplica replica : replicas) {
            Patience.until(
                    replica + " to serve again",
                    () -> {
                        replica.check();
                        return replica.isServing();
                    });
        }
    }

    /// Waits until agreed time is near the right time on all of these: it follows the clocks of a
    /// majority, and never the wrong one of a minority. For while clients write, because it moves
    /// with commands only.
    ///
    /// @throws ViolationException if it is ahead, whence it cannot come back, or stays behind
    void awaitRightTime(List<SoakReplica> these) throws InterruptedException, ViolationException {
        for (SoakReplica replica : these) {
            Patience.until(
                    "the agreed time of " + replica + " to be near the right time",
                    () -> {
                        replica.check();
                        JsonNode status = replica.ask("/status");
                        if (status == null || status.path("agreedTimeNanos").asLong() == 0) {
                            return false;
                        }
                        long aheadMillis =
                                status.path("agreedTimeNanos").asLong() / 1_000_000
                                        - System.currentTimeMillis();
                        if (aheadMillis > MOST_TIME_OFF_MILLIS) {
                            throw new ViolationException(
                                    "the agreed time of %s is %d ms ahead of the right time"
                                            .formatted(replica, aheadMillis));
                        }
                        return aheadMillis > -MOST_TIME_OFF_MILLIS;
                    });
        }
    }

    /// Waits until every replica is in the same state at the same position.
    ///
    /// @throws ViolationException if the states differ at equal positions, or go on differing
    void awaitEqualStates() throws InterruptedException, ViolationException {
        List<JsonNode> digests = new ArrayList<>();
        Patience.until(
                () -> "equal states of all replicas; the last they said: " + digests,
                () -> {
                    digests.clear();
                    for (SoakReplica replica : replicas) {
                        replica.check();
                        JsonNode digest = replica.ask("/digest");
                        if (digest == null || !digest.hasNonNull("state")) {
                            return false;
                        }
                        digests.add(digest);
                    }
                    return areEqual(digests);
                });
    }

    /// False if they are of different positions.
    private static boolean areEqual(List<JsonNode> digests) throws ViolationException {
        if (digests.stream().map(digest -> digest.path("position")).distinct().count() > 1) {
            return false;
        }
        for (String part : List.of("state", "host", "chain")) {
            if (digests.stream().map(digest -> digest.path(part)).distinct().count() > 1) {
                throw new ViolationException(
                        "the states of the replicas differ at the same position: " + digests);
            }
        }
        return true;
    }

    /// Where the replicas' data are, in the order of their numbers.
    List<Path> dataDirectories() {
        return replicas.stream().map(SoakReplica::data).toList();
    }

    /// Makes the data of all replicas readable under its usual name once the namespaces are gone.
    void keepData() throws IOException {
        for (SoakReplica replica : replicas) {
            Path usual = directory.data(replica.id());
            if (namespaces != null && replica == withSmallDisk()) {
                RunDirectory.copy(replica.data(), usual);
            }
        }
    }

    /// Ends every replica at once: its data are not needed any more, or needed as they are.
    @Override
    public void close() {
        for (SoakReplica replica : replicas) {
            try {
                replica.kill();
            } catch (InterruptedException e) {
                // It has got the signal; there is nothing to wait for.
                Thread.currentThread().interrupt();
            }
        }
    }
}
