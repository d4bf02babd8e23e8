package dev.lockstep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lockstep.cli.Main;
import dev.lockstep.cli.OperatorException;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.core.FaultModel;
import dev.lockstep.node.ClusterAdmin;
import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.ClusterKeys;
import dev.lockstep.node.MemberChangeException;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The replicas under measurement: processes that this one starts in a directory of their own, or
/// those of a cluster that runs already.
///
/// Threading: one thread.
final class BenchCluster implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long POLL_MILLIS = 20;
    private static final long STOP_SECONDS = 12;
    private static final int HTTP_MILLIS = 2_000;
    private static final Duration SWITCH_LIMIT = Duration.ofSeconds(30);

    /// The cluster.yaml of each replica: the same one, unless they are at different sites.
    private final SortedMap<Integer, Path> files;

    private final Path directory;
    private final boolean owned;
    private final List<String> jvmOptions;
    private final List<MemberConfig> members;

    /// Null of replicas that are as near as they are.
    private final @Nullable Distances distances;

    private final SortedMap<Integer, ProcessHandle> processes = new TreeMap<>();

    private BenchCluster(
            SortedMap<Integer, Path> files,
            Path directory,
            boolean owned,
            List<String> jvmOptions,
            List<MemberConfig> members,
            @Nullable Distances distances) {
        this.files = files;
        this.directory = directory;
        this.owned = owned;
        this.jvmOptions = jvmOptions;
        this.members = List.copyOf(members);
        this.distances = distances;
    }

    /// A fresh cluster of `replicas` in `directory`, not started.
    ///
    /// @param settings lines of cluster.yaml beside members, cluster and data
    /// @param jvmOptions for each replica, beside the usual ones
    static BenchCluster create(
            Path directory, int replicas, List<String> settings, List<String> jvmOptions) {
        Path absolute = directory.toAbsolutePath().normalize();
        Path file = absolute.resolve("cluster.yaml");
        try {
            makeRoom(absolute, file);
            Files.write(file, ClusterFiles.create(absolute, replicas, settings).lines());
        } catch (IOException e) {
            throw new OperatorException("cannot write " + file + ": " + e, e);
        }
        SortedMap<Integer, Path> files = new TreeMap<>();
        for (int id = 1; id <= replicas; id++) {
            files.put(id, file);
        }
        return initialised(files, absolute, jvmOptions, null);
    }

    /// A fresh cluster in `directory` with a replica at each site, not started. Each has a
    /// cluster.yaml of its own, in which the others are where the way to them begins.
    ///
    /// @param jitterMillis each way takes up to so much longer
    /// @param settings lines of cluster.yaml beside members, cluster and data
    /// @param jvmOptions for each replica, beside the usual ones
    static BenchCluster createFar(
            Path directory,
            Sites sites,
            double jitterMillis,
            List<String> settings,
            List<String> jvmOptions) {
        Path absolute = directory.toAbsolutePath().normalize();
        SortedMap<Integer, Path> files = new TreeMap<>();
        Distances distances = null;
        try {
            ClusterFiles cluster = ClusterFiles.create(absolute, Sites.COUNT, settings);
            Distances ways = Distances.open(sites, jitterMillis, cluster);
            distances = ways;
            for (int id = 1; id <= Sites.COUNT; id++) {
                int self = id;
                Path file = absolute.resolve("cluster-" + id + ".yaml");
                makeRoom(absolute, file);
                Files.write(
                        file,
                        cluster.lines(
                                other ->
                                        other == self
                                                ? cluster.ports().get(self - 1).peer()
                                                : ways.port(self, other)));
                files.put(id, file);
            }
            List<String> jvm = new ArrayList<>(jvmOptions);
            // Else they would hear from each other where they listen, and dial past the way.
            jvm.add("-Dlockstep.test.fixed-addresses=true");
            return initialised(files, absolute, jvm, ways);
        } catch (IOException e) {
            closeIfAny(distances);
            throw new OperatorException("cannot prepare replicas in " + absolute + ": " + e, e);
        } catch (RuntimeException e) {
            closeIfAny(distances);
            throw e;
        }
    }

    private static void closeIfAny(@Nullable Distances distances) {
        if (distances != null) {
            distances.close();
        }
    }

    private static void makeRoom(Path directory, Path file) throws IOException {
        Files.createDirectories(directory);
        if (Files.exists(file)) {
            throw new OperatorException(
                    directory
                            + " holds a cluster already: name another directory, or attach to it"
                            + " with --config");
        }
    }

    private static BenchCluster initialised(
            SortedMap<Integer, Path> files,
            Path directory,
            List<String> jvmOptions,
            @Nullable Distances distances) {
        List<MemberConfig> members = new ArrayList<>();
        files.forEach(
                (id, file) -> {
                    NodeConfig config = NodeConfig.load(file, id);
                    if (config.faults() == FaultModel.BYZANTINE && config.clusterId() != null) {
                        ClusterKeys.init(config, config.clusterId());
                    }
                    Node.init(config);
                    members.add(config.member());
                });
        return new BenchCluster(files, directory, true, jvmOptions, members, distances);
    }

    /// A cluster that runs.
    static BenchCluster attach(Path file, int anyId) {
        Path absolute = file.toAbsolutePath().normalize();
        List<MemberConfig> members = NodeConfig.load(absolute, anyId).members();
        SortedMap<Integer, Path> files = new TreeMap<>();
        members.forEach(member -> files.put(member.id().value(), absolute));
        BenchCluster cluster = new BenchCluster(files, absolute, false, List.of(), members, null);
        cluster.findProcesses();
        return cluster;
    }

    /// The replicas of these files among the machine's processes: for their CPU time.
    private void findProcesses() {
        ProcessHandle.allProcesses()
                .forEach(
                        process -> {
                            String[] arguments = process.info().arguments().orElse(new String[0]);
                            List<String> line = List.of(arguments);
                            int config = line.indexOf("--config");
                            int id = line.indexOf("--id");
                            if (line.contains("node")
                                    && config >= 0
                                    && id >= 0
                                    && Math.max(config, id) + 1 < line.size()
                                    && isThisFile(line.get(config + 1))) {
                                processes.put(Integer.valueOf(line.get(id + 1)), process);
                            }
                        });
    }

    private boolean isThisFile(String argument) {
        return files.containsValue(Path.of(argument).toAbsolutePath().normalize());
    }

    Path directory() {
        return directory;
    }

    boolean isOwned() {
        return owned;
    }

    int size() {
        return members.size();
    }

    /// True if the processes of all replicas are known.
    boolean hasProcesses() {
        return processes.size() == members.size();
    }

    /// The processor time that the replicas have used, in nanoseconds, all together.
    long cpuNanos() {
        long sum = 0;
        for (ProcessHandle process : processes.values()) {
            sum += process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
        }
        return sum;
    }

    private Path file(int id) {
        return Objects.requireNonNull(files.get(id));
    }

    /// How to reach one replica, and no other.
    ClientBuilder clientOf(int id) {
        ClientBuilder builder = LockstepClient.builder().follow(false).learnMembers(false);
        for (MemberConfig member : members) {
            if (member.id().value() == id) {
                builder.address(member.host(), member.clientPort());
            }
        }
        return builder;
    }

    /// Has the replicas go on in another order; nothing happens if they are.
    void switchTo(String order) throws InterruptedException {
        List<String> admins = new ArrayList<>();
        for (MemberConfig member : members) {
            admins.add(member.adminHost() + ":" + member.adminPort());
        }
        try {
            var _ = new ClusterAdmin(admins).switchOrder(order, SWITCH_LIMIT, _ -> {});
        } catch (MemberChangeException e) {
            throw new OperatorException(
                    "the order " + order + " cannot be had: " + e.getMessage(), e);
        }
    }

    /// How to reach it.
    ClientBuilder client() {
        return ClusterClient.of(NodeConfig.load(file(files.firstKey()), files.firstKey()));
    }

    void start() {
        for (MemberConfig member : members) {
            start(member.id().value());
        }
    }

    void start(int id) {
        List<String> command = new ArrayList<>();
        // Ctrl-C goes to every process of a terminal; the replicas are stopped by this one.
        command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "replica-" + id));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String usual = System.getProperty("lockstep.node.jvmargs");
        command.add(usual == null ? "--enable-native-access=ALL-UNNAMED" : "@" + usual);
        for (String option : jvmOptions) {
            command.add(option.replace("{id}", Integer.toString(id)));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "node", "--until-parent-ends"));
        command.addAll(List.of("--config", file(id).toString(), "--id", Integer.toString(id)));
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(id).toFile()))
                            .start();
            processes.put(id, process.toHandle());
        } catch (IOException e) {
            throw new OperatorException("replica " + id + " cannot be started: " + e, e);
        }
    }

    private Path log(int id) {
        return directory.resolve("replica-" + id + ".log");
    }

    /// Waits until every replica serves and has executed what any other has.
    void awaitServing(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        for (MemberConfig member : members) {
            int id = member.id().value();
            while (!isServing(member)) {
                ProcessHandle process = processes.get(id);
                if (owned && (process == null || !process.isAlive())) {
                    throw new OperatorException(
                            "replica " + id + " has ended; its log is " + log(id));
                }
                if (System.nanoTime() - end > 0) {
                    throw new OperatorException(
                            "replica "
                                    + id
                                    + " does not serve after "
                                    + limit.toSeconds()
                                    + " s; see "
                                    + (owned ? "its log " + log(id) : "whether it runs"));
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
        if (distances != null && !distances.areInUse()) {
            throw new OperatorException(
                    "the replicas are not all connected by the ways between their sites; see their"
                            + " logs in "
                            + directory);
        }
    }

    private static boolean isServing(MemberConfig member) {
        try {
            return status(member).path("serving").asBoolean();
        } catch (IOException notYet) {
            return false;
        }
    }

    /// Waits until the replicas have executed equally far: for a cluster that is idle.
    void awaitCaughtUp(int id, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() - end < 0) {
            try {
                long most = 0;
                long mine = -1;
                for (MemberConfig member : members) {
                    long executed = status(member).path("executedPosition").asLong();
                    most = Math.max(most, executed);
                    mine = member.id().value() == id ? executed : mine;
                }
                if (mine >= most) {
                    return;
                }
            } catch (IOException notYet) {
                // Asked again.
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new OperatorException(
                "replica " + id + " has not caught up after " + limit.toSeconds() + " s");
    }

    /// How many positions a replica is behind the one that is furthest; -1 if it does not take part
    /// yet.
    long behind(int id) {
        long most = 0;
        long mine = -1;
        for (MemberConfig member : members) {
            try {
                JsonNode status = status(member);
                long executed = status.path("executedPosition").asLong(-1);
                most = Math.max(most, executed);
                mine = member.id().value() == id ? executed : mine;
            } catch (IOException down) {
                // Nobody is behind it.
            }
        }
        return mine < 0 ? -1 : most - mine;
    }

    /// @param position the newest snapshot's
    /// @param atWork whether one is being written, or an old one removed
    record SnapshotState(long position, boolean atWork) {}

    /// By member; who does not answer has position -1 and is not at work.
    List<SnapshotState> snapshots() {
        List<SnapshotState> all = new ArrayList<>();
        for (MemberConfig member : members) {
            try {
                JsonNode status = status(member);
                all.add(
                        new SnapshotState(
                                status.path("snapshotPosition").asLong(-1),
                                status.path("snapshotsAtWork").asBoolean()));
            } catch (IOException down) {
                all.add(new SnapshotState(-1, false));
            }
        }
        return all;
    }

    /// The replica at which requests are ordered, as the cluster says; 0 if it knows of none.
    int leader() {
        for (MemberConfig member : members) {
            try {
                int leader = status(member).path("preferredEntry").asInt();
                if (leader != 0) {
                    return leader;
                }
            } catch (IOException down) {
                // Another may know.
            }
        }
        return 0;
    }

    private static JsonNode status(MemberConfig member) throws IOException {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection)
                            new URI(
                                            "http",
                                            null,
                                            member.adminHost(),
                                            member.adminPort(),
                                            "/status",
                                            null,
                                            null)
                                    .toURL()
                                    .openConnection();
            connection.setConnectTimeout(HTTP_MILLIS);
            connection.setReadTimeout(HTTP_MILLIS);
            try (InputStream in = connection.getInputStream()) {
                return JSON.readTree(in);
            }
        } catch (URISyntaxException e) {
            throw new IOException("no address: " + member.adminHost(), e);
        }
    }

    /// SIGKILL; does not wait.
    void kill(int id) {
        ProcessHandle process = processes.get(id);
        if (process == null || !process.destroyForcibly()) {
            throw new OperatorException("replica " + id + " cannot be killed: it has ended");
        }
    }

    /// Waits until a killed replica is gone.
    void awaitEnd(int id) {
        ProcessHandle process = processes.remove(id);
        if (process != null) {
            var _ = process.onExit().join();
        }
    }

    /// Stops the replicas that were started here.
    @Override
    public void close() {
        if (!owned) {
            return;
        }
        processes.values().forEach(ProcessHandle::destroy);
        for (ProcessHandle process : processes.values()) {
            try {
                var _ = process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            } catch (java.util.concurrent.ExecutionException
                    | java.util.concurrent.TimeoutException e) {
                process.destroyForcibly();
            }
        }
        processes.clear();
        closeIfAny(distances);
    }

    /// Removes the directory and everything in it.
    void delete() {
        delete(directory);
    }

    /// Nothing happens if it is not there.
    static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new OperatorException("cannot remove " + directory + ": " + e, e);
        }
    }
}
