package dev.lockstep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.lockstep.cli.Main;
import dev.lockstep.cli.OperatorException;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.LockstepClient;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
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

    private final Path file;
    private final Path directory;
    private final boolean owned;
    private final List<String> jvmOptions;
    private final List<MemberConfig> members;
    private final SortedMap<Integer, ProcessHandle> processes = new TreeMap<>();

    private BenchCluster(
            Path file,
            Path directory,
            boolean owned,
            List<String> jvmOptions,
            List<MemberConfig> members) {
        this.file = file;
        this.directory = directory;
        this.owned = owned;
        this.jvmOptions = jvmOptions;
        this.members = members;
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
            Files.createDirectories(absolute);
            if (Files.exists(file)) {
                throw new OperatorException(
                        absolute
                                + " holds a cluster already: name another directory, or attach to it"
                                + " with --config");
            }
            Files.write(file, yaml(absolute, replicas, settings));
        } catch (IOException e) {
            throw new OperatorException("cannot write " + file + ": " + e, e);
        }
        List<MemberConfig> members = NodeConfig.load(file, 1).members();
        for (int id = 1; id <= replicas; id++) {
            Node.init(NodeConfig.load(file, id));
        }
        return new BenchCluster(file, absolute, true, jvmOptions, members);
    }

    /// A cluster that runs.
    static BenchCluster attach(Path file, int anyId) {
        Path absolute = file.toAbsolutePath().normalize();
        BenchCluster cluster =
                new BenchCluster(
                        absolute,
                        absolute,
                        false,
                        List.of(),
                        NodeConfig.load(absolute, anyId).members());
        cluster.findProcesses();
        return cluster;
    }

    private static List<String> yaml(Path directory, int replicas, List<String> settings)
            throws IOException {
        byte[] id = new byte[16];
        new SecureRandom().nextBytes(id);
        List<String> lines = new ArrayList<>();
        lines.add("cluster: \"" + HexFormat.of().formatHex(id) + "\"");
        lines.add("data: '" + directory.resolve("{id}").toString().replace("'", "''") + "'");
        lines.addAll(settings);
        lines.add("members:");
        List<ServerSocket> held = new ArrayList<>();
        for (int i = 1; i <= replicas; i++) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "  - {id: %d, host: 127.0.0.1, peer-port: %d, client-port: %d,"
                                    + " admin-port: %d, redis-port: %d}",
                            i,
                            freePort(held),
                            freePort(held),
                            freePort(held),
                            freePort(held)));
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return lines;
    }

    private static int freePort(List<ServerSocket> held) throws IOException {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        return socket.getLocalPort();
    }

    /// The replicas of `file` among the machine's processes: for their CPU time.
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
        return Path.of(argument).toAbsolutePath().normalize().equals(file);
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

    /// How to reach it.
    ClientBuilder client() {
        ClientBuilder builder = LockstepClient.builder();
        for (MemberConfig member : members) {
            builder.address(member.host(), member.clientPort());
        }
        return builder;
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
        command.addAll(List.of("--config", file.toString(), "--id", Integer.toString(id)));
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
    }

    /// Removes the directory and everything in it.
    void delete() {
        delete(directory);
    }

    static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new OperatorException("cannot remove " + directory + ": " + e, e);
        }
    }
}
