package dev.lockstep.cli;

import dev.lockstep.cli.RunExplainer.Explained;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.testkit.simulator.DiagramWindow;
import dev.lockstep.testkit.simulator.Exercised;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Explanation;
import dev.lockstep.testkit.simulator.Schedule;
import dev.lockstep.testkit.simulator.Shrunk;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationRunner;
import dev.lockstep.testkit.simulator.SimulationSetup;
import dev.lockstep.testkit.simulator.SimulationSummary;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/// `lockstep simulate`: whole clusters in simulated time, decided by a seed.
@Command(
        name = "simulate",
        description = {
            "Runs whole clusters in simulated time: the product's own replicas, journals and"
                    + " clients on a network, disks and clocks that fail as a seed decides.",
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
            "  lockstep simulate --faults fail-stop --order logical-clock",
            "  lockstep simulate --seeds 42 --trace         what happens in run 42, in words",
            "  lockstep simulate --seeds 42 --diagram 42.svg --from 1.2s --to 1.3s",
            "",
            "A run that fails is shrunk to a shorter one that fails alike, and drawn."
        })
final class SimulateCommand implements Callable<Integer> {

    /// From so many seeds on, everything that can happen must have happened.
    private static final long ENOUGH_SEEDS = 1_000;

    /// With the usual bounds nobody is too far behind for the log.
    private static final String WITHOUT_USUAL_CAUSE = "received:Behind";

    /// What no operator does where an authority says who the members are.
    private static final Set<Deed> OF_OPERATORS = Set.of(Deed.CHANGES_BEGUN, Deed.CHANGES_REFUSED);

    /// Under fail-stop faults, only the id that replicas propose is fixed later.
    private static final String OF_PROPOSED_IDS = "persisted:Fixed";

    private static final String PROPOSED_IDS = "replica-ids";

    private static final int BAR_WIDTH = 30;

    /// Longer than a run and the summary take.
    private static final int WIND_UP_SECONDS = 10;

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
            names = "--faults",
            paramLabel = "FAULTS",
            converter = FaultWords.class,
            defaultValue = "crash",
            description =
                    "What a faulty replica may do: crash, or fail-stop, with a configuration authority"
                            + " that puts out whom others suspect, rightly or not; the members and the"
                            + " order change in no other way then. Or byzantine: members sign and"
                            + " clients count answers, and nobody lies here yet. Default:"
                            + " ${DEFAULT-VALUE}.")
    private FaultModel faults = FaultModel.CRASH;

    @Option(
            names = "--one-order",
            description =
                    "No operator goes over to another order. Otherwise some do, in a third of the"
                            + " runs, in the midst of everything else.")
    private boolean oneOrder;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "How many replicas, 1 to 9. Default: every run draws its own number.")
    private @Nullable Integer replicas;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            description =
                    "An option of the protocol, as in order-options of cluster.yaml. What is not"
                            + " said is as usual then; without any, every run draws options of its"
                            + " own, such as leases and small windows.")
    private Map<String, String> protocolOptions = new LinkedHashMap<>();

    @Option(
            names = "--default-options",
            description = "Leaves every option of the protocol as it is when nothing is said.")
    private boolean defaultOptions;

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

    @Mixin private ExplainOptions explain = new ExplainOptions();

    @Option(names = "--json", description = "Prints one JSON object, for scripts.")
    private boolean json;

    private final BiFunction<String, FaultModel, SimulationSetup> setups;
    private final Function<PrintWriter, StatusLine> lines;
    private final long enoughSeeds;
    private StatusLine status = StatusLine.NONE;

    /// True once somebody has ended it.
    private volatile boolean isStopped;

    SimulateCommand() {
        this(SimulationSetup::of, StatusLine::on, ENOUGH_SEEDS);
    }

    /// @param setups what is simulated by the name of an order and the faults; throws
    /// IllegalArgumentException
    ///     with a sentence if there is no such order
    /// @param lines where it is told how far the runs are
    /// @param enoughSeeds from how many on everything that can happen must have happened
    SimulateCommand(
            BiFunction<String, FaultModel, SimulationSetup> setups,
            Function<PrintWriter, StatusLine> lines,
            long enoughSeeds) {
        this.setups = setups;
        this.lines = lines;
        this.enoughSeeds = enoughSeeds;
    }

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        SimulationSetup setup = setup();
        SimulationRunner runner = runner(setup);
        explain.check(seeds);
        if (trace || explain.isPartial()) {
            return explainOne(console, setup);
        }
        DiagramWindow window = explain.window();
        if (!json) {
            status = lines.apply(Objects.requireNonNull(spec).commandLine().getOut());
        }
        try (WindUp _ = WindUp.ready(() -> isStopped = true, WIND_UP_SECONDS)) {
            return run(console, setup, runner, window);
        }
    }

    private int run(
            Console console, SimulationSetup setup, SimulationRunner runner, DiagramWindow window) {
        long began = System.nanoTime();
        SimulationSummary summary = runner.run(seeds.first(), seeds.last());
        double seconds = (System.nanoTime() - began) / 1e9;
        List<String> missing =
                summary.seeds() < enoughSeeds || isAlone() || isCutShort(summary)
                        ? List.of()
                        : missing(summary.exercised());
        RunExplainer explainer = new RunExplainer(setup, window, status, () -> isStopped);
        if (json) {
            List<Explained> explained = explainer.explain(summary.failures(), explain);
            printJson(console, summary, seconds, missing, explained);
        } else {
            print(console, summary, seconds, missing);
            summary.failures().forEach(failure -> printFailure(console, failure));
            explainer
                    .explain(summary.failures(), explain)
                    .forEach(explained -> printExplained(console, explained));
        }
        if (summary.failures().isEmpty()) {
            drawOne(console, setup, window);
        }
        return summary.failures().isEmpty() && missing.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }

    /// Draws a run that kept every promise, if that is wanted.
    private void drawOne(Console console, SimulationSetup setup, DiagramWindow window) {
        Path file = explain.diagram();
        if (file != null && seeds.isOne()) {
            RunExplainer.write(Simulation.explain(setup, seeds.first(), window), file);
            say(console, "It is drawn in " + file);
        }
        String reason = explain.notDrawn(seeds.isOne());
        if (reason != null) {
            say(console, reason);
        }
    }

    /// An authority keeps to the order that it began with.
    private boolean isOneOrder() {
        return oneOrder || faults != FaultModel.CRASH;
    }

    /// True if somebody ended the runs before the last.
    private boolean isCutShort(SimulationSummary summary) {
        return isStopped && summary.failures().isEmpty() && summary.seeds() < seeds.size();
    }

    private boolean isAlone() {
        return replicas != null && replicas == 1;
    }

    private List<String> missing(Exercised exercised) {
        List<String> missing = new ArrayList<>();
        Set<Deed> deeds = exercised.missing();
        if (faults == FaultModel.FAIL_STOP) {
            deeds.removeAll(OF_OPERATORS);
        }
        deeds.forEach(deed -> missing.add(Exercised.nameOf(deed)));
        missing.addAll(exercised.unswitched());
        if (protocolOptions.isEmpty()) {
            missing.addAll(exercised.unheard());
            if (defaultOptions) {
                missing.remove(WITHOUT_USUAL_CAUSE);
            }
            if (!order.equals(PROPOSED_IDS)) {
                missing.remove(OF_PROPOSED_IDS);
            }
        }
        return missing;
    }

    private SimulationSetup setup() {
        if (replicas != null && replicas == SimulationSetup.ANY_NUMBER) {
            throw OperatorException.ofUsage(
                    "a simulated cluster has 1 to 9 replicas, not " + replicas);
        }
        if (defaultOptions && !protocolOptions.isEmpty()) {
            throw OperatorException.ofUsage(
                    "--default-options and --option exclude each other; give one");
        }
        SortedMap<String, String> options = new TreeMap<>(protocolOptions);
        boolean isDrawn = options.isEmpty() && !defaultOptions;
        try {
            SimulationSetup named = setups.apply(order, faults);
            SimulationSetup setup = isOneOrder() ? named : named.withSwitches();
            OrderingProvider<?, ?> provider = setup.provider();
            provider.checkOptions(options);
            return (replicas == null ? setup : setup.withReplicas(replicas))
                    .withProtocolOptions(isDrawn ? provider::drawOptions : _ -> options);
        } catch (IllegalArgumentException refused) {
            throw OperatorException.ofUsage(String.valueOf(refused.getMessage()));
        }
    }

    private SimulationRunner runner(SimulationSetup setup) {
        try {
            return SimulationRunner.of(setup)
                    .withThreads(threads)
                    .withMostFailures(failures)
                    .until(() -> isStopped)
                    .withProgress(this::showProgress);
        } catch (IllegalArgumentException refused) {
            throw OperatorException.ofUsage(String.valueOf(refused.getMessage()));
        }
    }

    private Integer explainOne(Console console, SimulationSetup setup) {
        if (!seeds.isOne()) {
            throw OperatorException.ofUsage("--trace tells of one run; give --seeds one number");
        }
        if (json) {
            throw OperatorException.ofUsage(
                    "--trace and --schedule explain one run to people; leave out --json");
        }
        long seed = seeds.first();
        Explanation told = Simulation.explain(setup, explain.schedule(seed), explain.window());
        if (trace) {
            told.lines().forEach(line -> console.line("%s", line));
        } else {
            console.line("%s", told.lines().getLast());
        }
        boolean isFine = told.failure() == null;
        Path file = isFine ? explain.diagram() : explain.diagramOfFailure(seed, true);
        if (file != null) {
            RunExplainer.write(told, file);
            console.line("It is drawn in %s", file);
        }
        String reason = isFine ? explain.notDrawn(true) : null;
        if (reason != null) {
            console.line("%s", reason);
        }
        return isFine ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void say(Console console, String line) {
        if (!json) {
            console.line("%s", line);
        }
    }

    /// Called by one thread at a time.
    private void showProgress(SimulationSummary sum) {
        int done = (int) (sum.seeds() * BAR_WIDTH / seeds.size());
        status.show(
                () ->
                        "[%s%s] %d of %d runs, %,d events"
                                .formatted(
                                        "#".repeat(done),
                                        "-".repeat(BAR_WIDTH - done),
                                        sum.seeds(),
                                        seeds.size(),
                                        sum.events()));
    }

    private void print(
            Console console, SimulationSummary summary, double seconds, List<String> missing) {
        status.clear();
        summary.exercised()
                .byName()
                .forEach((name, count) -> console.line("%,14d  %s", count, name));
        console.line("");
        console.line(
                "%s in %.1f s: %,d events (%,d a second and core), %,d s of clusters' time"
                        + " (%,d s a minute and core)",
                runs(summary.seeds()),
                seconds,
                summary.events(),
                summary.eventsPerSecond(),
                summary.simulatedNanos() / 1_000_000_000L,
                summary.clusterSecondsPerMinute());
        console.line(
                "%,d operations of clients are linearizable (%s undecided by search, all compared"
                        + " with what was executed)",
                summary.operations(), runs(summary.undecided()));
        console.line("digest of everything that happened: %016x", summary.digest());
        if (!missing.isEmpty()) {
            console.line("");
            console.line("Never happened, so that nothing was tested there: %s", missing);
        } else if (isCutShort(summary)) {
            console.line(
                    "Interrupted after %d of %d runs: every promise was kept in those.",
                    summary.seeds(), seeds.size());
        } else if (summary.failures().isEmpty()) {
            console.line("Every promise was kept.");
        }
    }

    private static String runs(long count) {
        return String.format(Locale.ROOT, "%,d run%s", count, count == 1 ? "" : "s");
    }

    private void printFailure(Console console, SimulationFailure failure) {
        console.line("");
        console.line("A promise was broken: %s", String.valueOf(failure.getMessage()));
        if (!failure.protocolOptions().isEmpty()) {
            console.line("Options of the protocol: %s", failure.protocolOptions());
        }
        console.line("See it again: %s", replay(Schedule.of(failure.seed())));
    }

    private void printExplained(Console console, Explained explained) {
        status.clear();
        console.line("");
        Shrunk shrunk = explained.shrunk();
        if (shrunk != null) {
            console.line("Seed %d: %s", explained.failure().seed(), shrunk);
            console.line("  %s", String.valueOf(shrunk.failure().getMessage()));
            console.line("See it again: %s", replay(shrunk.schedule()));
        }
        if (explained.diagram() != null) {
            console.line("It is drawn in %s", explained.diagram());
        }
        if (explained.notDrawn() != null) {
            console.line("It is not drawn: %s", explained.notDrawn());
        }
    }

    private String replay(Schedule schedule) {
        List<String> words = new ArrayList<>(List.of(Invocation.name(), "simulate", "--seeds"));
        words.add(Long.toString(schedule.seed()));
        words.addAll(List.of("--order", order));
        if (faults != FaultModel.CRASH) {
            words.addAll(List.of("--faults", FaultWords.word(faults)));
        }
        if (oneOrder) {
            words.add("--one-order");
        }
        if (replicas != null) {
            words.addAll(List.of("--replicas", Integer.toString(replicas)));
        }
        protocolOptions.forEach(
                (name, value) -> words.addAll(List.of("--option", name + "=" + value)));
        if (defaultOptions) {
            words.add("--default-options");
        }
        if (!schedule.isWhole()) {
            words.addAll(List.of("--schedule", schedule.toString()));
        }
        words.add("--trace");
        return words.stream().map(SimulateCommand::quoted).collect(Collectors.joining(" "));
    }

    /// A word as a shell takes it for one.
    private static String quoted(String word) {
        boolean isPlain = word.matches("[A-Za-z0-9_=.,:/+-]+");
        return isPlain ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private void printJson(
            Console console,
            SimulationSummary summary,
            double seconds,
            List<String> missing,
            List<Explained> explained) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("order", order);
        facts.put("faults", FaultWords.word(faults));
        facts.put("runs", summary.seeds());
        facts.put("interrupted", isCutShort(summary));
        facts.put("seconds", seconds);
        facts.put("events", summary.events());
        facts.put("eventsPerSecondAndCore", summary.eventsPerSecond());
        facts.put("clusterSecondsPerMinuteAndCore", summary.clusterSecondsPerMinute());
        facts.put("operations", summary.operations());
        facts.put("undecided", summary.undecided());
        facts.put("digest", "%016x".formatted(summary.digest()));
        facts.put("exercised", summary.exercised().byName());
        facts.put("missing", missing);
        facts.put("failures", explained.stream().map(this::facts).toList());
        String reason = explained.isEmpty() ? explain.notDrawn(seeds.isOne()) : null;
        if (reason != null) {
            facts.put("diagram", reason);
        }
        console.json(facts);
    }

    private Map<String, Object> facts(Explained explained) {
        SimulationFailure failure = explained.failure();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("seed", failure.seed());
        facts.put("what", String.valueOf(failure.getMessage()));
        facts.put("options", failure.protocolOptions());
        facts.put("replay", replay(Schedule.of(failure.seed())));
        Shrunk shrunk = explained.shrunk();
        if (shrunk != null) {
            facts.put("shrunk", shrunk.toString());
            facts.put("shrunkWhat", String.valueOf(shrunk.failure().getMessage()));
            facts.put("shrunkReplay", replay(shrunk.schedule()));
        }
        if (explained.diagram() != null) {
            facts.put("diagram", explained.diagram().toString());
        }
        if (explained.notDrawn() != null) {
            facts.put("notDrawn", explained.notDrawn());
        }
        return facts;
    }
}
