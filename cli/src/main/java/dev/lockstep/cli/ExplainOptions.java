package dev.lockstep.cli;

import dev.lockstep.testkit.simulator.DiagramWindow;
import dev.lockstep.testkit.simulator.Schedule;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;

/// How `lockstep simulate` shows what happened in one run.
final class ExplainOptions {

    private static final int MOST_SECONDS = 86_400;

    @Option(
            names = "--diagram",
            paramLabel = "FILE",
            description =
                    "Where to draw the run of one seed, or the first that fails, as SVG. Default:"
                            + " lockstep-seed-N.svg for a run that fails, nothing for others.")
    private @Nullable Path diagram;

    @Option(names = "--no-diagram", description = "Draws nothing.")
    private boolean noDiagram;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = SimulatedTime.Reader.class,
            description = "The diagram begins here, such as 812ms or 1.2s of simulated time.")
    private @Nullable SimulatedTime from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = SimulatedTime.Reader.class,
            description = "The diagram ends here. Default: where the run ends.")
    private @Nullable SimulatedTime to;

    @Option(
            names = "--events",
            paramLabel = "N",
            description =
                    "The diagram shows the last N messages and marks of that. Default: "
                            + DiagramWindow.READABLE_EVENTS
                            + ".")
    private @Nullable Integer events;

    @Option(
            names = "--shrink-seconds",
            paramLabel = "S",
            defaultValue = "20",
            description =
                    "How long to look for a shorter schedule that fails in the same way; 0 for not at"
                            + " all. Default: ${DEFAULT-VALUE}.")
    private int shrinkSeconds = 20;

    @Option(
            names = "--schedule",
            paramLabel = "SCHEDULE",
            description =
                    "Runs only a part of what one seed decides, as a shrunk failure names it, such as"
                            + " faults:3,7-19/operations:1/until:812ms.")
    private @Nullable String schedule;

    /// @throws OperatorException if the options cannot be meant together, or nothing can be drawn
    void check(SeedRange seeds) {
        if (schedule != null && !seeds.isOne()) {
            throw OperatorException.ofUsage(
                    "--schedule is part of one run; give --seeds one number");
        }
        if (diagram != null && noDiagram) {
            throw OperatorException.ofUsage(
                    "--diagram and --no-diagram exclude each other; give one");
        }
        if (noDiagram && hasWindow()) {
            throw OperatorException.ofUsage(
                    "--from, --to and --events choose what a diagram shows; leave them or"
                            + " --no-diagram out");
        }
        if (shrinkSeconds < 0 || shrinkSeconds > MOST_SECONDS) {
            throw OperatorException.ofUsage(
                    "--shrink-seconds is 0 to " + MOST_SECONDS + ", not " + shrinkSeconds);
        }
        OutputFile.check("the diagram", diagram);
    }

    private boolean hasWindow() {
        return from != null || to != null || events != null;
    }

    /// Why there is no diagram although something was said about one, if no run failed; null if
    /// nothing was said.
    ///
    /// @param isOne true if one run was asked for, which is drawn whatever comes of it
    @Nullable String notDrawn(boolean isOne) {
        if (diagram != null) {
            return isOne
                    ? null
                    : "Nothing is drawn in "
                            + diagram
                            + ": no run failed. To see one that did not, give --seeds one number.";
        }
        return hasWindow()
                ? "Nothing is drawn: no run failed. To see one that did not, give --diagram a file"
                        + " and --seeds one number."
                : null;
    }

    boolean isPartial() {
        return schedule != null;
    }

    /// What to run of a seed.
    Schedule schedule(long seed) {
        try {
            return schedule == null ? Schedule.of(seed) : Schedule.parse(seed, schedule);
        } catch (IllegalArgumentException refused) {
            throw OperatorException.ofUsage(String.valueOf(refused.getMessage()));
        }
    }

    DiagramWindow window() {
        try {
            return new DiagramWindow(
                    from == null ? 0 : from.nanos(),
                    to == null ? Long.MAX_VALUE : to.nanos(),
                    events == null ? DiagramWindow.READABLE_EVENTS : events);
        } catch (IllegalArgumentException refused) {
            throw OperatorException.ofUsage(String.valueOf(refused.getMessage()));
        }
    }

    /// Where to draw a run in which all went well, or null for nowhere.
    @Nullable Path diagram() {
        return diagram;
    }

    /// Where to draw a run that failed, or null for nowhere.
    ///
    /// @param isFirst false for one after the first, which must not overwrite it
    @Nullable Path diagramOfFailure(long seed, boolean isFirst) {
        if (noDiagram) {
            return null;
        }
        return diagram != null && isFirst ? diagram : Path.of("lockstep-seed-" + seed + ".svg");
    }

    /// How long all failures together may be shrunk.
    Duration shrinkTime() {
        return Duration.ofSeconds(shrinkSeconds);
    }
}
