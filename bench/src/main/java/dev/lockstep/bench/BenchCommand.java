package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.cli.Subcommand;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// `lockstep bench`: what a cluster does under load.
@Command(
        name = "bench",
        description = {
            "Measures a cluster of the key-value service: three replicas as three processes on this"
                    + " machine, and this process as their client.",
            "",
            "The load is a closed loop: so many requests are in flight, and each answer is followed by"
                    + " the next request at once. While the cluster stalls nothing new is asked, so"
                    + " that a stall counts once for each request in flight (coordinated omission);"
                    + " read the percentiles with that in mind.",
            "",
            "Each level is warmed up until its throughput is steady; every figure is the median of"
                    + " several windows. Processor time is that of all replicas together."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep bench                         1, 16, 256 and 4,096 in flight, fsync",
            "  lockstep bench --durability os -c 256  one level, without fsync",
            "  lockstep bench --reads 90              nine of ten are linearizable GETs",
            "  lockstep bench --failover 5            kill -9 of the leader, five times",
            "  lockstep bench --catch-up 300          a follower is down for 300 MB",
            "  lockstep bench --snapshots 90 --keys 5000000   what snapshots of 5,000,000 keys add",
            "  lockstep bench --config cluster.yaml   a cluster that runs already",
            "  lockstep bench --json > figures.json"
        })
public final class BenchCommand implements Subcommand {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int MAX_IN_FLIGHT = 8_192;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-c", "--in-flight"},
            paramLabel = "N",
            split = ",",
            defaultValue = "1,16,256,4096",
            description =
                    "Requests in flight; several are measured in turn. Default: 1,16,256,4096")
    private List<Integer> inFlight = new ArrayList<>();

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "1",
            description = "Client sessions to spread them over. Default: ${DEFAULT-VALUE}")
    private int sessions = 1;

    @Option(
            names = "--reads",
            paramLabel = "PERCENT",
            defaultValue = "0",
            description = "Share of linearizable reads. Default: ${DEFAULT-VALUE}")
    private int reads;

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Keys, drawn uniformly. Default: ${DEFAULT-VALUE}")
    private int keys = 10_000;

    @Option(
            names = "--key-bytes",
            paramLabel = "N",
            defaultValue = "16",
            description = "Default: ${DEFAULT-VALUE}")
    private int keyBytes = 16;

    @Option(
            names = "--value-bytes",
            paramLabel = "N",
            defaultValue = "128",
            description = "Default: ${DEFAULT-VALUE}")
    private int valueBytes = 128;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Length of a window. Default: ${DEFAULT-VALUE}")
    private int seconds = 5;

    @Option(
            names = "--repetitions",
            paramLabel = "N",
            defaultValue = "5",
            description = "Windows of a level. Default: ${DEFAULT-VALUE}")
    private int repetitions = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "15",
            description =
                    "Load before the first level, for the just-in-time compiler. Default:"
                            + " ${DEFAULT-VALUE}")
    private int warmUp = 15;

    @Option(
            names = "--durability",
            paramLabel = "fsync|os|memory",
            defaultValue = "fsync",
            description =
                    "What the replicas wait for before they acknowledge. Default: ${DEFAULT-VALUE}")
    private Durability durability = Durability.FSYNC;

    @Option(
            names = "--setting",
            paramLabel = "LINE",
            description =
                    "A further line for the cluster's cluster.yaml, such as 'journal-threading:"
                            + " inline'. May be given several times.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--node-jvm",
            paramLabel = "OPTION",
            description =
                    "An option for the replicas' JVMs; {id} becomes the replica's number. May be"
                            + " given several times.")
    private List<String> nodeJvm = new ArrayList<>();

    @Option(
            names = "--jfr",
            description =
                    "Records each replica with the Flight Recorder, into its directory (implies"
                            + " --keep).")
    private boolean jfr;

    @Option(
            names = "--failover",
            paramLabel = "ROUNDS",
            description =
                    "Instead: kill -9 of the leader under load, so many times; the longest time"
                            + " without any answer is measured.")
    private @Nullable Integer failover;

    @Option(
            names = "--catch-up",
            paramLabel = "MEGABYTES",
            description =
                    "Instead: kill -9 of a follower, which is started again when it has missed so much;"
                            + " what clients notice of its catching up is measured.")
    private @Nullable Integer catchUp;

    @Option(
            names = "--snapshots",
            paramLabel = "SECONDS",
            description =
                    "Instead: all keys are written, then for so long the slowest answer of each second"
                            + " is measured, while snapshots are written and while not.")
    private @Nullable Integer snapshots;

    @Option(
            names = "--load",
            paramLabel = "PERCENT",
            description =
                    "With --catch-up and --snapshots: how much of what the cluster can do is asked of it."
                            + " Default: 50")
    private @Nullable Integer load;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Measures the cluster of this cluster.yaml, which must be running.")
    private @Nullable Path config;

    @Option(
            names = "--id",
            paramLabel = "ID",
            defaultValue = "1",
            hidden = true,
            description = "One of the members of --config.")
    private int anyId = 1;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the replicas' files go. Default: a directory that is removed.")
    private @Nullable Path directory;

    @Option(names = "--keep", description = "Keeps the replicas' files and logs.")
    private boolean keep;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    /// What the option says; lower case, as in cluster.yaml.
    enum Durability {
        FSYNC,
        OS,
        MEMORY
    }

    /// For [java.util.ServiceLoader].
    public BenchCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        check();
        PrintWriter out = commandLine().getOut();
        Progress progress = new Progress(commandLine().getErr(), isWatched());
        Workload workload = new Workload(keys, keyBytes, valueBytes, reads, 1);
        BenchCluster cluster = open();
        // Ctrl-C ends the replicas too.
        Thread hook = Thread.ofPlatform().unstarted(cluster::close);
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            if (cluster.isOwned()) {
                progress.show("starting " + cluster.size() + " replicas");
                cluster.start();
            }
            cluster.awaitServing(START_LIMIT);
            if (catchUp != null) {
                return catchingUp(cluster, workload, progress, out, catchUp);
            }
            if (snapshots != null) {
                return snapshotting(cluster, workload, progress, out, snapshots);
            }
            return failover == null
                    ? levels(cluster, workload, progress, out)
                    : failovers(cluster, workload, progress, out, failover);
        } finally {
            progress.clear();
            cluster.close();
            Runtime.getRuntime().removeShutdownHook(hook);
            if (cluster.isOwned() && !isKept()) {
                cluster.delete();
            }
        }
    }

    /// Since Java 22 there may be a console that is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isWatched() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private boolean isKept() {
        return keep || jfr || directory != null;
    }

    private picocli.CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }

    private void check() {
        for (int level : inFlight) {
            require(level >= 1, "--in-flight must be at least 1, not " + level);
            require(
                    level <= (long) sessions * MAX_IN_FLIGHT,
                    "a session has at most "
                            + MAX_IN_FLIGHT
                            + " requests in flight: give --sessions "
                            + (level + MAX_IN_FLIGHT - 1) / MAX_IN_FLIGHT
                            + " or more for "
                            + level);
        }
        require(sessions >= 1, "--sessions must be at least 1, not " + sessions);
        require(reads >= 0 && reads <= 100, "--reads is a percentage, not " + reads);
        require(seconds >= 1, "--seconds must be at least 1, not " + seconds);
        require(repetitions >= 1, "--repetitions must be at least 1, not " + repetitions);
        require(warmUp >= 0, "--warm-up must not be negative: " + warmUp);
        require(keys >= 1 && keys <= 10_000_000, "--keys is from 1 to 10000000, not " + keys);
        require(
                keyBytes >= Integer.toString(keys - 1).length(),
                "--key-bytes " + keyBytes + " is too little for " + keys + " keys");
        require(valueBytes >= 0, "--value-bytes must not be negative: " + valueBytes);
        require(failover == null || failover >= 1, "--failover must be at least 1");
        require(catchUp == null || catchUp >= 1, "--catch-up must be at least 1");
        require(catchUp == null || failover == null, "give either --catch-up or --failover");
        require(load == null || (load >= 1 && load <= 100), "--load is a percentage, not " + load);
        require(
                load == null || catchUp != null || snapshots != null,
                "--load belongs to --catch-up and --snapshots");
        require(snapshots == null || snapshots >= 1, "--snapshots must be at least 1");
        require(
                snapshots == null || (catchUp == null && failover == null),
                "give one of --catch-up, --failover and --snapshots");
        require(snapshots == null || !json, "--snapshots has no --json");
        require(catchUp == null || !json, "--catch-up has no --json");
        require(
                config == null || catchUp == null,
                "--catch-up kills replicas, so it wants a cluster of its own: leave --config out");
        require(
                config == null || snapshots == null,
                "--snapshots writes all keys, so it wants a cluster of its own: leave --config out");
        require(
                config == null || failover == null,
                "--failover kills replicas, so it wants a cluster of its own: leave --config out");
        require(
                config == null
                        || (directory == null && settings.isEmpty() && nodeJvm.isEmpty() && !jfr),
                "a cluster that runs already cannot be given other settings: leave --config or them"
                        + " out");
    }

    private void require(boolean holds, String sentence) {
        if (!holds) {
            throw new ParameterException(commandLine(), sentence);
        }
    }

    private BenchCluster open() {
        if (config != null) {
            return BenchCluster.attach(config, anyId);
        }
        List<String> lines = new ArrayList<>(settings);
        lines.add("durability: " + durability.name().toLowerCase(Locale.ROOT));
        Path place = directory == null ? temporary() : directory;
        List<String> jvm = new ArrayList<>(nodeJvm);
        if (jfr) {
            jvm.add(
                    "-XX:StartFlightRecording=settings=profile,filename="
                            + place.toAbsolutePath().resolve("replica-{id}.jfr"));
        }
        try {
            return BenchCluster.create(place, 3, lines, jvm);
        } catch (RuntimeException e) {
            if (directory == null) {
                BenchCluster.delete(place);
            }
            throw e;
        }
    }

    private static Path temporary() {
        try {
            // Not in /tmp, which is often in memory: what is measured is the disk here.
            return Files.createTempDirectory(Path.of("").toAbsolutePath(), ".lockstep-bench-");
        } catch (IOException e) {
            throw new OperatorException(
                    "no directory can be made here: name one with --directory (" + e + ")", e);
        }
    }

    private int levels(
            BenchCluster cluster, Workload workload, Progress progress, PrintWriter out) {
        BenchOptions options = new BenchOptions(sessions, repetitions, seconds, 3, 30);
        LevelRun run = new LevelRun(cluster, workload, options, progress);
        int most = inFlight.stream().mapToInt(Integer::intValue).max().orElse(1);
        run.load(most, warmUp);
        List<Measurement> medians = new ArrayList<>();
        for (int level : inFlight) {
            medians.add(Measurement.medianOf(run.measure(level)));
        }
        progress.clear();
        long failed = medians.stream().mapToLong(Measurement::failed).sum();
        List<String> cutOff = BenchReport.cutOff(medians, repetitions);
        if (json) {
            Map<String, Object> all = description();
            all.put("levels", medians.stream().map(BenchReport::asJson).toList());
            out.println(BenchReport.json(all));
        } else {
            out.println(headline());
            out.println();
            BenchReport.table(medians).forEach(out::println);
            if (!cutOff.isEmpty()) {
                out.println();
                cutOff.forEach(out::println);
            }
            if (failed > 0) {
                out.println();
                out.println(failed + " requests had no proper answer.");
            }
            if (isKept() && cluster.isOwned()) {
                out.println();
                out.println("The replicas' files are in " + cluster.directory() + ".");
            }
        }
        out.flush();
        return failed == 0 && cutOff.isEmpty() ? DONE : FAILED;
    }

    private int failovers(
            BenchCluster cluster, Workload workload, Progress progress, PrintWriter out, int rounds)
            throws InterruptedException {
        int level = inFlight.size() == 1 ? inFlight.getFirst() : 16;
        new LevelRun(cluster, workload, new BenchOptions(1, 1, 1, 1, 1), progress)
                .load(level, warmUp);
        List<Double> gaps = new FailoverRun(cluster, workload, level, progress).measure(rounds);
        progress.clear();
        double median = Measurement.median(gaps);
        if (json) {
            Map<String, Object> all = description();
            all.put("inFlight", level);
            all.put("gapMillis", gaps.stream().map(BenchReport::rounded).toList());
            all.put("medianMillis", BenchReport.rounded(median));
            out.println(BenchReport.json(all));
        } else {
            out.println(
                    "kill -9 of the leader with "
                            + level
                            + " requests in flight; the longest time without an answer, in ms:");
            out.println();
            StringBuilder line = new StringBuilder();
            gaps.forEach(gap -> line.append(String.format(Locale.ROOT, "  %.1f", gap)));
            out.println(line);
            out.println();
            out.println(String.format(Locale.ROOT, "Median: %.1f ms", median));
        }
        out.flush();
        return DONE;
    }

    private int catchingUp(
            BenchCluster cluster,
            Workload workload,
            Progress progress,
            PrintWriter out,
            int megabytes) {
        int level = inFlight.size() == 1 ? inFlight.getFirst() : 64;
        int percent = percent();
        new LevelRun(cluster, workload, new BenchOptions(1, 1, 1, 1, 1), progress)
                .load(level, warmUp);
        CatchUpRun run = new CatchUpRun(cluster, workload, level, valueBytes, percent, progress);
        CatchUpRun.Figures figures = run.measure((long) megabytes << 20);
        progress.clear();
        out.println(
                "A follower is down for a while, "
                        + (percent == 100
                                ? "with " + level + " requests in flight:"
                                : "under " + percent + "% of what the cluster can do:"));
        out.println();
        CatchUpRun.lines(figures).forEach(out::println);
        out.flush();
        return DONE;
    }

    private int snapshotting(
            BenchCluster cluster,
            Workload workload,
            Progress progress,
            PrintWriter out,
            int duration) {
        int level = inFlight.size() == 1 ? inFlight.getFirst() : 16;
        new LevelRun(cluster, workload, new BenchOptions(1, 1, 1, 1, 1), progress)
                .load(level, warmUp);
        SnapshotRun run = new SnapshotRun(cluster, workload, level, percent(), progress);
        SnapshotRun.Figures figures = run.measure(keys, duration);
        progress.clear();
        SnapshotRun.lines(figures).forEach(out::println);
        out.flush();
        return DONE;
    }

    private int percent() {
        return load == null ? 50 : load;
    }

    private String headline() {
        return String.format(
                Locale.ROOT,
                "%s, %d keys of %d bytes, values of %d bytes, %d%% reads; medians of %d windows of %d"
                        + " s, closed loop",
                config == null
                        ? "durability " + durability.name().toLowerCase(Locale.ROOT)
                        : "the cluster of " + config,
                keys,
                keyBytes,
                valueBytes,
                reads,
                repetitions,
                seconds);
    }

    private Map<String, Object> description() {
        Map<String, Object> all = new LinkedHashMap<>();
        if (config == null) {
            all.put("durability", durability.name().toLowerCase(Locale.ROOT));
        }
        all.put("readPercent", reads);
        all.put("keys", keys);
        all.put("keyBytes", keyBytes);
        all.put("valueBytes", valueBytes);
        all.put("windowSeconds", seconds);
        all.put("windows", repetitions);
        return all;
    }
}
