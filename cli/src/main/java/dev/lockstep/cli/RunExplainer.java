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
import java.util.function.BooleanSupplier;

/// Makes of failed runs what somebody can look at: a shorter schedule and a diagram.
final class RunExplainer {

    private final SimulationSetup setup;
    private final DiagramWindow window;
    private final StatusLine status;
    private final BooleanSupplier stopped;

    /// @param status where it is told how far it is
    /// @param stopped true once what there is must do: nothing is made any shorter from then on
    RunExplainer(
            SimulationSetup setup,
            DiagramWindow window,
            StatusLine status,
            BooleanSupplier stopped) {
        this.setup = setup;
        this.window = window;
        this.status = status;
        this.stopped = stopped;
    }

    /// A failure and what was made of it.
    ///
    /// @param shrunk null if that was not wanted
    /// @param diagram where it is drawn, or null
    /// @param notDrawn why it could not be drawn, or null
    record Explained(
            SimulationFailure failure,
            @Nullable Shrunk shrunk,
            @Nullable Path diagram,
            @Nullable String notDrawn) {

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
                    options.shrinkTime().isZero() || rest.isNegative() || stopped.getAsBoolean()
                            ? null
                            : shrink(failure, rest.dividedBy(left));
            Schedule schedule = shrunk == null ? Schedule.of(failure.seed()) : shrunk.schedule();
            Path file = options.diagramOfFailure(failure.seed(), explained.isEmpty());
            explained.add(drawn(failure, shrunk, schedule, file));
        }
        return explained;
    }

    /// What was found out about a failure must not be lost because it cannot be drawn.
    private Explained drawn(
            SimulationFailure failure,
            @Nullable Shrunk shrunk,
            Schedule schedule,
            @Nullable Path file) {
        if (file == null) {
            return new Explained(failure, shrunk, null, null);
        }
        try {
            write(Simulation.explain(setup, schedule, window), file);
            return new Explained(failure, shrunk, file, null);
        } catch (OperatorException unwritable) {
            return new Explained(failure, shrunk, null, unwritable.getMessage());
        }
    }

    private Shrunk shrink(SimulationFailure failure, Duration budget) {
        status.clear();
        return Shrinker.of(setup)
                .withBudget(budget)
                .withProgress(this::show)
                .until(stopped)
                .shrink(failure);
    }

    private void show(Shrunk best) {
        status.show(() -> "shrinking: %s after %,d runs".formatted(best.after(), best.runs()));
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
                            + Reason.of(failed)
                            + "); choose another file with --diagram, or --no-diagram",
                    failed);
        }
    }
}
