package dev.lockstep.bench;

import dev.lockstep.cli.Subcommand;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.Console;
import java.io.PrintWriter;
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
        subcommands = SignaturesCommand.class,
        footer = {
            "",
            "Examples:",
            "  lockstep bench                         1, 16, 256 and 4,096 in flight, fsync",
            "  lockstep bench --durability os -c 256  one level, without fsync",
            "  lockstep bench --faults byzantine      four replicas, any of which may lie",
            "  lockstep bench --reads 90              nine of ten are linearizable GETs",
            "  lockstep bench --failover 5            kill -9 of the leader, five times",
            "  lockstep bench --catch-up 300          a follower is down for 300 MB",
            "  lockstep bench --snapshots 90 --keys 5000000",
            "                                         what snapshots of 5,000,000 keys add",
            "  lockstep bench --sites 32,35,65        three sites, and all orders beside each other",
            "  lockstep bench --order leader,logical-clock",
            "                                         two orders in turn, on the same replicas",
            "  lockstep bench --config cluster.yaml   a cluster that runs already",
            "  lockstep bench signatures              what signing costs, without a cluster",
            "  lockstep bench --json > figures.json"
        })
public final class BenchCommand implements Subcommand {

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int MAX_IN_FLIGHT = 8_192;
    private static final List<Integer> LEVELS = List.of(1, 16, 256, 4096);
    private static final int IN_FLIGHT_AT_A_SITE = 8;
    private static final String ORDER_OPTIONS = "order-options";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = {"-c", "--in-flight"},
            paramLabel = "N",
            split = ",",
            description =
                    "Requests in flight; several are measured in turn. Default: 1,16,256,4096")
    private @Nullable List<Integer> inFlight;

    @Option(
            names = "--order",
            paramLabel = "NAME",
            split = ",",
            description =
                    "How requests get their places: leader, logical-clock, synchronized-clock or"
                            + " replica-ids. Of several, each window of one is followed by one of the"
                            + " next, on the same replicas, which are switched. Default: leader;"
                            + " with --sites all four")
    private @Nullable List<String> orders;

    @Mixin private SitesOptions sites = new SitesOptions();
    @Mixin private WorkloadOptions workload = new WorkloadOptions();
    @Mixin private EventOptions events = new EventOptions();
    @Mixin private ReplicasOptions replicas = new ReplicasOptions();

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "1",
            description = "Client sessions to spread them over. Default: ${DEFAULT-VALUE}")
    private int sessions = 1;

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

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    /// For [java.util.ServiceLoader].
    public BenchCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        check();
        PrintWriter out = commandLine().getOut();
        Progress progress = new Progress(commandLine().getErr(), isWatched());
        if (sites.isWanted()) {
            return farApart(progress, out);
        }
        return on(
                open(),
                progress,
                cluster -> {
                    Workload workload = this.workload.workload(0);
                    if (events.areWanted()) {
                        return happening(cluster, workload, progress, out);
                    }
                    return orders != null && orders.size() > 1
                            ? comparison(cluster, workload, progress, out, orders)
                            : levels(cluster, workload, progress, out);
                });
    }

    /// What is done with a cluster that serves.
    private interface Use<T> {

        T with(BenchCluster cluster) throws InterruptedException;
    }

    private <T> T on(BenchCluster cluster, Progress progress, Use<T> use)
            throws InterruptedException {
        // Ctrl-C ends the replicas too, and leaves no directory.
        Thread hook = Thread.ofPlatform().unstarted(() -> end(cluster));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            if (cluster.isOwned()) {
                progress.show("starting " + cluster.size() + " replicas");
                cluster.start();
            }
            cluster.awaitServing(START_LIMIT);
            return use.with(cluster);
        } finally {
            progress.clear();
            end(cluster);
            if (!hook.isAlive()) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
    }

    /// Whoever comes second, this thread or that of Ctrl-C, waits and finds nothing to do.
    private void end(BenchCluster cluster) {
        synchronized (cluster) {
            cluster.close();
            if (cluster.isOwned() && !replicas.areKept()) {
                cluster.delete();
            }
        }
    }

    private List<Integer> inFlight() {
        return inFlight == null ? LEVELS : inFlight;
    }

    /// Since Java 22 there may be a console that is no terminal.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isWatched() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private picocli.CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }

    private void check() {
        for (int level : inFlight()) {
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
        require(seconds >= 1, "--seconds must be at least 1, not " + seconds);
        require(repetitions >= 1, "--repetitions must be at least 1, not " + repetitions);
        require(warmUp >= 0, "--warm-up must not be negative: " + warmUp);
        require(workload.problem().isEmpty(), workload.problem());
        require(events.problem(json).isEmpty(), events.problem(json));
        require(
                config == null || !events.areWanted(),
                events.words() + ", so it wants a cluster of its own: leave --config out");
        require(
                config == null || replicas.areUsual(),
                "a cluster that runs already cannot be given other settings: leave --config or them"
                        + " out");
        checkOrders();
        checkSites();
    }

    private void checkOrders() {
        if (orders == null) {
            return;
        }
        String problem = Orders.problem(orders);
        require(problem.isEmpty(), problem);
        require(
                config == null,
                "--order is of a cluster of its own; switch one that runs with 'lockstep switch'");
        require(
                orders.size() == 1 || !events.areWanted(),
                "--failover, --catch-up and --snapshots take one --order");
        require(
                events.failover() == null || orders.contains(Orders.LEADER),
                "--failover kills the leader, and only --order leader has one");
        require(
                orders.size() == 1 || !replicas.hasSetting(ORDER_OPTIONS),
                "order-options are of one order: name one with --order, or leave them out");
        require(
                !replicas.hasSetting("order"),
                "give the order with --order or with --setting, not with both");
    }

    private void checkSites() {
        String problem = sites.problem();
        require(problem.isEmpty(), problem);
        if (!sites.isWanted()) {
            return;
        }
        require(
                config == null && !events.areWanted(),
                "--sites starts replicas and measures latency: leave --config, --failover,"
                        + " --catch-up and --snapshots out");
        require(workload.reads() == 0, "--sites measures commands: leave --reads out");
        require(
                inFlight == null || inFlight.size() == 1,
                "--sites takes one number of --in-flight, of each site while all ask");
        require(!replicas.hasSetting("order"), "--sites takes the order with --order");
        require(
                orders != null || !replicas.hasSetting(ORDER_OPTIONS),
                "order-options are of one order: name one with --order, or leave them out");
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
        List<String> lines = replicas.settings();
        if (orders != null) {
            lines.add("order: " + orders.getFirst());
        }
        Path place = replicas.place("");
        return replicas.inPlace(
                place,
                () ->
                        BenchCluster.create(
                                place, replicas.count(), lines, replicas.jvmOptions(place)));
    }

    private BenchOptions options() {
        return new BenchOptions(sessions, repetitions, seconds, 3, 30);
    }

    private int mostInFlight() {
        return inFlight().stream().mapToInt(Integer::intValue).max().orElse(1);
    }

    private int levels(
            BenchCluster cluster, Workload workload, Progress progress, PrintWriter out) {
        LevelRun run = new LevelRun(cluster, workload, options(), progress);
        run.load(mostInFlight(), warmUp);
        List<Measurement> medians = new ArrayList<>();
        for (int level : inFlight()) {
            medians.add(Measurement.medianOf(run.measure(level)));
        }
        progress.clear();
        if (json) {
            Map<String, Object> all = description();
            if (orders != null) {
                all.put("order", orders.getFirst());
            }
            all.put("levels", medians.stream().map(BenchReport::asJson).toList());
            out.println(BenchReport.json(all));
        } else {
            out.println(headline());
            out.println();
            BenchReport.table(medians).forEach(out::println);
        }
        return concluded(cluster, medians, out);
    }

    private int comparison(
            BenchCluster cluster,
            Workload workload,
            Progress progress,
            PrintWriter out,
            List<String> compared)
            throws InterruptedException {
        LevelRun levels = new LevelRun(cluster, workload, options(), progress);
        OrdersRun run = new OrdersRun(cluster, levels, compared, repetitions);
        run.load(mostInFlight(), warmUp);
        Map<Integer, Map<String, Measurement>> medians = new LinkedHashMap<>();
        for (int level : inFlight()) {
            medians.put(level, run.measure(level));
        }
        progress.clear();
        if (json) {
            Map<String, Object> all = description();
            Map<String, Object> byOrder = new LinkedHashMap<>();
            for (String order : compared) {
                byOrder.put(
                        order,
                        medians.values().stream()
                                .map(level -> Objects.requireNonNull(level.get(order)))
                                .map(BenchReport::asJson)
                                .toList());
            }
            all.put("orders", byOrder);
            out.println(BenchReport.json(all));
        } else {
            out.println(headline());
            out.println();
            BenchReport.comparison(medians).forEach(out::println);
        }
        List<Measurement> all = new ArrayList<>();
        medians.values().forEach(level -> all.addAll(level.values()));
        return concluded(cluster, all, out);
    }

    /// Says what went wrong and where the files are.
    private int concluded(BenchCluster cluster, List<Measurement> medians, PrintWriter out) {
        long failed = medians.stream().mapToLong(Measurement::failed).sum();
        List<String> cutOff = BenchReport.cutOff(medians, repetitions);
        if (!json) {
            if (!cutOff.isEmpty()) {
                out.println();
                cutOff.forEach(out::println);
            }
            if (failed > 0) {
                out.println();
                out.println(failed + " requests had no proper answer.");
            }
            tellPlace(cluster, out);
        }
        out.flush();
        return failed == 0 && cutOff.isEmpty() ? DONE : FAILED;
    }

    private void tellPlace(BenchCluster cluster, PrintWriter out) {
        if (replicas.areKept() && cluster.isOwned()) {
            out.println();
            out.println("The replicas' files are in " + cluster.directory() + ".");
        }
    }

    private int farApart(Progress progress, PrintWriter out) throws InterruptedException {
        Sites places = sites.sites();
        int level = inFlight == null ? IN_FLIGHT_AT_A_SITE : inFlight.getFirst();
        SitesRun.Plan plan =
                new SitesRun.Plan(
                        level, sessions, seconds * repetitions, warmUp, workload::workload);
        List<SitesFigures> figures = new ArrayList<>();
        for (String order : orders == null ? Orders.ALL : orders) {
            Path place = replicas.place(order);
            List<String> lines = replicas.settings();
            lines.add("order: " + order);
            if (!replicas.hasSetting(ORDER_OPTIONS)) {
                lines.add(Orders.options(places, order));
            }
            BenchCluster opened =
                    replicas.inPlace(
                            place,
                            () ->
                                    BenchCluster.createFar(
                                            place,
                                            places,
                                            sites.jitterMillis(),
                                            lines,
                                            replicas.jvmOptions(place)));
            figures.add(
                    on(
                            opened,
                            progress,
                            cluster -> {
                                SitesFigures measured =
                                        new SitesRun(cluster, places, order, plan, progress)
                                                .measure();
                                if (!json) {
                                    tellPlace(cluster, out);
                                }
                                return measured;
                            }));
        }
        progress.clear();
        SitesReport report = new SitesReport(places, sites.jitterMillis(), plan, figures);
        if (json) {
            out.println(BenchReport.json(report.asJson(description())));
        } else {
            report.lines().forEach(out::println);
        }
        out.flush();
        Path plot = sites.plot();
        if (plot != null) {
            report.draw(plot);
        }
        return report.isWhole() ? DONE : FAILED;
    }

    private int happening(
            BenchCluster cluster, Workload workload, Progress progress, PrintWriter out)
            throws InterruptedException {
        EventsRun run = new EventsRun(cluster, workload, progress, warmUp, onlyLevel());
        Integer failovers = events.failover();
        Integer megabytes = events.catchUp();
        Integer duration = events.snapshots();
        if (failovers != null) {
            List<Double> gaps = run.failovers(failovers);
            if (json) {
                Map<String, Object> all = description();
                all.putAll(run.asJson(gaps));
                out.println(BenchReport.json(all));
            } else {
                run.lines(gaps).forEach(out::println);
            }
        } else if (megabytes != null) {
            run.catchUp(megabytes, this.workload.valueBytes(), events.steadyLoad())
                    .forEach(out::println);
        } else if (duration != null) {
            run.snapshots(duration, this.workload.keys(), events.steadyLoad())
                    .forEach(out::println);
        }
        out.flush();
        return DONE;
    }

    /// The requests in flight if one number was given; 0 if not.
    private int onlyLevel() {
        return inFlight().size() == 1 ? inFlight().getFirst() : 0;
    }

    private String headline() {
        return String.format(
                Locale.ROOT,
                "%s%s, %s; medians of %d windows of %d s, closed loop",
                orders != null && orders.size() == 1 ? "order " + orders.getFirst() + ", " : "",
                config == null ? "durability " + replicas.durability() : "the cluster of " + config,
                workload.words(),
                repetitions,
                seconds);
    }

    private Map<String, Object> description() {
        Map<String, Object> all = new LinkedHashMap<>();
        if (config == null) {
            all.put("durability", replicas.durability());
        }
        workload.describe(all);
        all.put("windowSeconds", seconds);
        all.put("windows", repetitions);
        return all;
    }
}
