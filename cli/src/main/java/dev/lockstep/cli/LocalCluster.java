package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.FaultModel;
import dev.lockstep.net.keys.Resilience;
import dev.lockstep.node.ClusterKeys;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/// A cluster whose replicas are processes on this machine, with everything it needs in one
/// directory: `cluster.yaml`, a directory `1`, `2`, … for each replica, and their logs in `log`.
///
/// Threading: one thread at a time.
final class LocalCluster implements AutoCloseable {

    static final String HOST = "127.0.0.1";

    /// The order of a cluster of which nothing is said.
    static final String USUAL_ORDER = "leader";

    /// The order of a cluster under fail-stop faults of which nothing more is said.
    static final String FAIL_STOP_ORDER = "logical-clock";

    private static final long POLL_MILLIS = 20;

    private final Path directory;
    private final FileChannel lock;
    private final LocalAuthority authority;
    private final List<ReplicaProcess> replicas = new ArrayList<>();
    private List<MemberConfig> members = List.of();
    private ClusterId clusterId = new ClusterId(0, 0);

    private final List<String> jvmOptions;

    /// Takes a directory for the use of this process alone.
    LocalCluster(Path directory) {
        this(directory, ReplicaProcess.defaultJvmOptions());
    }

    /// The same with other options for the replicas' JVMs.
    LocalCluster(Path directory, List<String> jvmOptions) {
        this.jvmOptions = jvmOptions;
        this.directory = directory.toAbsolutePath().normalize();
        this.lock = lock(this.directory);
        this.authority = new LocalAuthority(this.directory);
    }

    private static FileChannel lock(Path directory) {
        Path file = directory.resolve("lock");
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                channel.close();
                throw new OperatorException(inUse(directory));
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            throw new OperatorException(inUse(directory), e);
        } catch (IOException e) {
            throw new OperatorException("cannot write " + file + ": " + Reason.of(e), e);
        }
    }

    private static String inUse(Path directory) {
        return "another 'lockstep demo' runs on "
                + directory
                + ": stop it first, or name another directory with --directory";
    }

    Path directory() {
        return directory;
    }

    Path file() {
        return directory.resolve("cluster.yaml");
    }

    /// The order that cluster.yaml says the cluster began with.
    String order() {
        return ClusterFile.load(file()).order();
    }

    /// True if cluster.yaml says that it is under fail-stop faults, with an authority in this
    /// process.
    boolean hasAuthority() {
        return authority.exists();
    }

    /// What cluster.yaml says that a faulty replica may do.
    FaultModel faults() {
        return ClusterFile.load(file()).faults();
    }

    private Path publicKeys() {
        return directory.resolve("cluster.keys");
    }

    private Path privateKeys() {
        return directory.resolve("keys");
    }

    boolean exists() {
        return Files.exists(file());
    }

    /// Removes what [#create] and the replicas wrote; leaves everything else in the directory.
    void wipe() {
        try {
            // The file last: while it is there, the rest is known to be ours.
            List<Path> ours = new ArrayList<>();
            try (var children = Files.newDirectoryStream(directory, "[0-9]*")) {
                children.forEach(ours::add);
            }
            ours.add(directory.resolve("log"));
            ours.add(publicKeys());
            ours.add(privateKeys());
            ours.addAll(authority.files());
            ours.add(file());
            for (Path path : ours) {
                delete(path);
            }
        } catch (IOException e) {
            throw new OperatorException("cannot wipe " + directory + ": " + Reason.of(e), e);
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.deleteIfExists(path);
            return;
        }
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
                            throws IOException {
                        Files.delete(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    /// Makes a new cluster: its file and an identity for each replica. The file gets its name when
    /// all is done, so that a set-up cut short is not taken for a cluster.
    ///
    /// @param ports chooses the port to use, given the usual one
    void create(int count, IntUnaryOperator ports) {
        create(count, ports, USUAL_ORDER, FaultModel.CRASH);
    }

    /// The same in another order, or for other faults.
    ///
    /// @param order as in cluster.yaml
    /// @param faults with an authority in this process if fail-stop, with keys of everybody's if
    ///     byzantine
    void create(int count, IntUnaryOperator ports, String order, FaultModel faults) {
        if (Files.exists(directory.resolve("1"))) {
            throw new OperatorException(
                    "%s has a replica's data but no cluster.yaml: wipe it with --fresh"
                            .formatted(directory));
        }
        Path draft = directory.resolve("cluster.yaml.draft");
        try {
            String text =
                    ClusterFile.text(
                            ClusterFile.freshId(),
                            MemberPorts.onOneHost(count, HOST, ports),
                            directory.resolve("{id}").toString());
            String ordered = inOrder(text, order);
            if (faults == FaultModel.BYZANTINE) {
                ordered =
                        ClusterFile.withSignatures(
                                ClusterFile.underByzantine(ordered, Resilience.THIRD.word()),
                                publicKeys(),
                                privateKeys());
            }
            if (faults == FaultModel.FAIL_STOP) {
                authority.create(ports);
                ordered =
                        ClusterFile.underFailStop(
                                ordered, authority.clusterId(), authority.address());
            }
            Files.writeString(draft, ordered);
            if (faults == FaultModel.BYZANTINE) {
                NodeConfig any = NodeConfig.load(draft, 1);
                ClusterKeys.init(any, Objects.requireNonNull(any.clusterId()));
            }
            for (int id = 1; id <= count; id++) {
                Node.init(NodeConfig.load(draft, id));
            }
            Files.move(draft, file(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new OperatorException("cannot write " + draft + ": " + Reason.of(e), e);
        }
    }

    /// The same file with another order, and without the options of the usual one.
    static String inOrder(String text, String order) {
        if (order.equals(USUAL_ORDER)) {
            return text;
        }
        return ClusterFile.withoutOrderOptions(
                text.replaceFirst("(?m)^order: .*$", "order: " + order));
    }

    /// Reads the file of a cluster that exists.
    void open() {
        NodeConfig config = ClusterFile.load(file());
        members = config.members();
        clusterId = config.clusterId() == null ? clusterId : config.clusterId();
        replicas.clear();
        for (MemberConfig member : members) {
            int id = member.id().value();
            replicas.add(
                    new ReplicaProcess(
                            file(),
                            id,
                            directory.resolve("log").resolve("replica-" + id + ".log"),
                            jvmOptions));
        }
    }

    /// Replaces ports of the file that somebody else has taken meanwhile.
    ///
    /// @return one sentence for each that was replaced
    List<String> replaceTakenPorts() {
        List<String> said = new ArrayList<>();
        Ports ports = new Ports(InetAddress.getLoopbackAddress());
        try {
            String text = Files.readString(file());
            if (hasAuthority()) {
                String before = authority.address();
                authority.replaceTakenPorts();
                if (!authority.address().equals(before)) {
                    text = text.replace(before, authority.address());
                    said.add(
                            "The authority's address %s is taken; using %s instead."
                                    .formatted(before, authority.address()));
                }
            }
            for (MemberConfig member : members) {
                for (int port : portsOf(member)) {
                    int free = ports.near(port);
                    if (free != port) {
                        text = text.replaceAll("-port: " + port + "\\b", "-port: " + free);
                        said.add(moved(port, free));
                    }
                }
            }
            if (!said.isEmpty()) {
                Files.writeString(file(), text);
                open();
            }
        } catch (IOException e) {
            throw new OperatorException("cannot write " + file() + ": " + Reason.of(e), e);
        }
        return said;
    }

    /// What an operator is told about a port that is not the usual one.
    static String moved(int taken, int chosen) {
        return "Port %d is taken; using %d instead.".formatted(taken, chosen);
    }

    private static List<Integer> portsOf(MemberConfig member) {
        List<Integer> ports = new ArrayList<>(member.gatewayPorts().values());
        ports.add(member.peerPort());
        ports.add(member.clientPort());
        ports.add(member.adminPort());
        return ports;
    }

    ClusterId clusterId() {
        return clusterId;
    }

    List<MemberConfig> members() {
        return members;
    }

    List<ReplicaProcess> replicas() {
        return replicas;
    }

    ReplicaProcess replica(int id) {
        for (ReplicaProcess replica : replicas) {
            if (replica.id() == id) {
                return replica;
            }
        }
        throw new IllegalArgumentException("no replica " + id);
    }

    MemberConfig member(int id) {
        for (MemberConfig member : members) {
            if (member.id().value() == id) {
                return member;
            }
        }
        throw new IllegalArgumentException("no member " + id);
    }

    AdminClient admin(int id) {
        MemberConfig member = member(id);
        return new AdminClient(member.adminHost(), member.adminPort());
    }

    /// The replica at which all others say that requests are ordered soonest; 0 if they differ, or
    /// one does not know or answer.
    int agreedEntry() {
        int agreed = 0;
        for (MemberConfig member : members) {
            try {
                int entry =
                        admin(member.id().value()).get("/status").path("preferredEntry").asInt(0);
                if (entry == 0 || (agreed != 0 && agreed != entry)) {
                    return 0;
                }
                agreed = entry;
            } catch (IOException silent) {
                return 0;
            }
        }
        return agreed;
    }

    void start() {
        if (hasAuthority()) {
            authority.start();
        }
        for (ReplicaProcess replica : replicas) {
            replica.start();
        }
    }

    /// Waits until every running replica admits requests, or is one that was removed.
    ///
    /// @throws OperatorException if one ends, or takes longer than `limit`
    void awaitServing(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (ReplicaProcess replica : replicas) {
            while (!admin(replica.id()).isServing() && !admin(replica.id()).isFollowing()) {
                if (!replica.isAlive()) {
                    throw new OperatorException(
                            "replica %d did not start; its log %s ends with:%n%s"
                                    .formatted(replica.id(), replica.log(), replica.lastWords()));
                }
                if (System.nanoTime() - end > 0) {
                    throw new OperatorException(
                            "replica %d does not serve after %d s; its log %s ends with:%n%s"
                                    .formatted(
                                            replica.id(),
                                            limit.toSeconds(),
                                            replica.log(),
                                            replica.lastWords()));
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }

    /// Stops the replicas one after the other, each in good order; kills what does not end.
    @Override
    public void close() {
        try {
            for (ReplicaProcess replica : replicas) {
                replica.stop();
            }
        } catch (InterruptedException e) {
            // Somebody is in a hurry; the replicas see their parent end.
            Thread.currentThread().interrupt();
        }
        authority.close();
        try {
            lock.close();
        } catch (IOException e) {
            throw new OperatorException("cannot unlock " + directory + ": " + Reason.of(e), e);
        }
    }
}
