package dev.lockstep.cli;

import dev.lockstep.testkit.simulator.Exercised;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/// `lockstep simulate`: whole clusters in simulated time, decided by a seed.
@Command(
        name = "simulate",
        description = {
            "Runs whole clusters in simulated time: the product's own replicas, journals and clients"
                    + " on a network, disks and clocks that fail as a seed decides.",
            "",
            "Each run is some seconds of faults, then a healthy time in which everything that was"
                    + " asked for must come about. Agreement, order, exactly once, durability and"
                    + " linearizability are checked all the time. The same seed gives the same run."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep simulate                            a thousand runs",
            "  lockstep simulate --seeds 1..10000 --replicas 5",
            "  lockstep simulate --seeds 42 --trace         what happens in run 42, in words"
        })
final class SimulateCommand implements Callable<Integer> {

    /// From so many seeds on, everything that can happen must have happened.
    private static final long ENOUGH_SEEDS = 1_000;

    private static final long PROGRESS_NANOS = 500_000_000L;

    private static final int BAR_WIDTH = 30;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--seeds",
            paramLabel = "A..B",
            converter = SeedRange.Reader.class,
            defaultValue = "1..1000",
            description = "Which runs, one number or a range. Default: ${DEFAULT-VALUE}.")
    private SeedRange seeds = new SeedRange(1, 1_000);

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            defaultValue = "leader",
            description = "Which ordering protocol. Default: ${DEFAULT-VALUE}.")
    private String order = "leader";

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "How many replicas, 1 to 9. Default: every run draws its own number.")
    private int replicas = SimulationSetup.ANY_NUMBER;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description = "An option of the protocol, as in order-options of cluster.yaml.")
    private Map<String, String> protocolOptions = new LinkedHashMap<>();

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many runs at a time. Default: one for every processor.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--failures",
            paramLabel = "N",
            defaultValue = "1",
            description = "Stops after so many broken promises. Default: ${DEFAULT-VALUE}.")
    private int failures = 1;

    @Option(names = "--trace", description = "Tells what happens in the run of one seed.")
    private boolean trace;

    @Option(names = "--json", description = "Prints one JSON object, for scripts.")
    private boolean json;

    private long saidAt;

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        SimulationSetup setup = setup();
        if (trace) {
            return trace(console, setup);
        }
        long began = System.nanoTime();
        SimulationSummary summary = runner(console, setup).run(seeds.first(), seeds.last());
        double seconds = (System.nanoTime() - began) / 1e9;
        List<String> missing =
                summary.seeds() < ENOUGH_SEEDS || replicas == 1
                        ? List.of()
                        : summary.exercised().missing().stream().map(Exercised::nameOf).toList();
        if (json) {
            printJson(console, summary, seconds, missing);
        } else {
            print(console, summary, seconds, missing);
        }
        return summary.failures().isEmpty() && missing.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    private SimulationSetup setup() {
        SortedMap<String, String> options = new TreeMap<>(protocolOptions);
        try {
            SimulationSetup setup = SimulationSetup.of(order);
            setup.provider().checkOptions(options);
            return setup.withReplicas(replicas).withProtocolOptions(_ -> options);
        } catch (IllegalArgumentException refused) {
            throw new OperatorException(String.valueOf(refused.getMessage()));
        }
    }

    private SimulationRunner runner(Console console, SimulationSetup setup) {
        try {
            return SimulationRunner.of(setup)
                    .withThreads(threads)
                    .withMostFailures(failures)
                    .withProgress(sum -> showProgress(console, sum));
        } catch (IllegalArgumentException refused) {
            throw new OperatorException(String.valueOf(refused.getMessage()));
        }
    }

    private Integer trace(Console console, SimulationSetup setup) {
        if (!seeds.isOne()) {
            throw new OperatorException("--trace tells of one run; give --seeds one number");
        }
        Simulation.Told told = Simulation.trace(setup, seeds.first());
        told.lines().forEach(line -> console.line("%s", line));
        return told.failure() == null ? ExitCode.DONE : ExitCode.FAILED;
    }

    /// Called by one thread at a time.
    private void showProgress(Console console, SimulationSummary sum) {
        long now = System.nanoTime();
        boolean isLast = sum.seeds() == seeds.size();
        if (json || (!isLast && now - saidAt < PROGRESS_NANOS)) {
            return;
        }
        saidAt = now;
        int done = (int) (sum.seeds() * BAR_WIDTH / seeds.size());
        console.part(
                "\r[%s%s] %d of %d runs, %,d events"
                        .formatted(
                                "#".repeat(done),
                                " ".repeat(BAR_WIDTH - done),
                                sum.seeds(),
                                seeds.size(),
                                sum.events()));
    }

    private void print(
            Console console, SimulationSummary summary, double seconds, List<String> missing) {
        console.line("");
        console.line("");
        summary.exercised()
                .byName()
                .forEach((name, count) -> console.line("%,14d  %s", count, name));
        console.line("");
        console.line(
                "%,d runs in %.1f s: %,d events (%,d a second and core), %,d s of clusters' time"
                        + " (%,d s a minute and core)",
                summary.seeds(),
                seconds,
                summary.events(),
                summary.eventsPerSecond(),
                summary.simulatedNanos() / 1_000_000_000L,
                summary.clusterSecondsPerMinute());
        console.line(
                "%,d operations of clients are linearizable (%d runs undecided by search, all compared"
                        + " with what was executed)",
                summary.operations(), summary.undecided());
        console.line("digest of everything that happened: %016x", summary.digest());
        for (SimulationFailure failure : summary.failures()) {
            console.line("");
            console.line("A promise was broken: %s", String.valueOf(failure.getMessage()));
            console.line("See it again: %s", replay(failure.seed()));
        }
        if (!missing.isEmpty()) {
            console.line("");
            console.line("Never happened, so that nothing was tested there: %s", missing);
        } else if (summary.failures().isEmpty()) {
            console.line("Every promise was kept.");
        }
    }

    private String replay(long seed) {
        StringBuilder command = new StringBuilder("lockstep simulate --seeds " + seed);
        command.append(" --order ").append(order);
        if (replicas != SimulationSetup.ANY_NUMBER) {
            command.append(" --replicas ").append(replicas);
        }
        protocolOptions.forEach(
                (name, value) -> command.append(" --option ").append(name + "=" + value));
        return command.append(" --trace").toString();
    }

    private void printJson(
            Console console, SimulationSummary summary, double seconds, List<String> missing) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("order", order);
        facts.put("runs", summary.seeds());
        facts.put("seconds", seconds);
        facts.put("events", summary.events());
        facts.put("eventsPerSecondAndCore", summary.eventsPerSecond());
        facts.put("clusterSecondsPerMinuteAndCore", summary.clusterSecondsPerMinute());
        facts.put("operations", summary.operations());
        facts.put("undecided", summary.undecided());
        facts.put("digest", "%016x".formatted(summary.digest()));
        facts.put("exercised", summary.exercised().byName());
        facts.put("missing", missing);
        List<Map<String, Object>> broken = new ArrayList<>();
        for (SimulationFailure failure : summary.failures()) {
            broken.add(
                    Map.of(
                            "seed",
                            failure.seed(),
                            "what",
                            String.valueOf(failure.getMessage()),
                            "replay",
                            replay(failure.seed())));
        }
        facts.put("failures", broken);
        console.json(facts);
    }
}
