package dev.lockstep.cli;

import dev.lockstep.testkit.simulator.DiagramWindow;
import dev.lockstep.testkit.simulator.Explanation;
import dev.lockstep.testkit.simulator.Schedule;
import dev.lockstep.testkit.simulator.Shrinker;
import dev.lockstep.testkit.simulator.Shrunk;
import dev.lockstep.testkit.simulator.Simulation;
import dev.lockstep.testkit.simulator.SimulationFailure;
import dev.lockstep.testkit.simulator.SimulationSetup;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Makes of failed runs what somebody can look at: a shorter schedule and a diagram.
final class RunExplainer {

    private static final long PROGRESS_NANOS = 200_000_000L;

    private final SimulationSetup setup;
    private final DiagramWindow window;
    private final Consumer<String> progress;
    private long saidAt = System.nanoTime();

    /// @param progress gets lines of which each replaces the one before it
    RunExplainer(SimulationSetup setup, DiagramWindow window, Consumer<String> progress) {
        this.setup = setup;
        this.window = window;
        this.progress = progress;
    }

    /// A failure and what was made of it.
    ///
    /// @param shrunk null if that was not wanted
    /// @param diagram where it is drawn, or null
    record Explained(SimulationFailure failure, @Nullable Shrunk shrunk, @Nullable Path diagram) {

        /// The shortest schedule known to fail.
        Schedule schedule() {
            return shrunk == null ? Schedule.of(failure.seed()) : shrunk.schedule();
        }
    }

    /// Explains every failure, in at most the time that the options allow for shrinking them, and a
    /// little more.
    List<Explained> explain(List<SimulationFailure> failures, ExplainOptions options) {
        long began = System.nanoTime();
        List<Explained> explained = new ArrayList<>();
        for (SimulationFailure failure : failures) {
            int left = failures.size() - explained.size();
            Duration rest = options.shrinkTime().minusNanos(System.nanoTime() - began);
            Shrunk shrunk =
                    options.shrinkTime().isZero() || rest.isNegative()
                            ? null
                            : shrink(failure, rest.dividedBy(left));
            Schedule schedule = shrunk == null ? Schedule.of(failure.seed()) : shrunk.schedule();
            Path file = options.diagramOfFailure(failure.seed(), explained.isEmpty());
            if (file != null) {
                write(Simulation.explain(setup, schedule, window), file);
            }
            explained.add(new Explained(failure, shrunk, file));
        }
        return explained;
    }

    private Shrunk shrink(SimulationFailure failure, Duration budget) {
        return Shrinker.of(setup).withBudget(budget).withProgress(this::show).shrink(failure);
    }

    private void show(Shrunk best) {
        long now = System.nanoTime();
        if (now - saidAt > PROGRESS_NANOS) {
            saidAt = now;
            progress.accept("shrinking: %s after %,d runs".formatted(best.after(), best.runs()));
        }
    }

    /// @throws OperatorException if the file cannot be written
    static void write(Explanation explanation, Path file) {
        try {
            Files.writeString(file, explanation.diagram());
        } catch (IOException failed) {
            throw new OperatorException(
                    "the diagram cannot be written to "
                            + file
                            + " ("
                            + failed.getClass().getSimpleName()
                            + "); choose another file with --diagram, or --no-diagram",
                    failed);
        }
    }
}
