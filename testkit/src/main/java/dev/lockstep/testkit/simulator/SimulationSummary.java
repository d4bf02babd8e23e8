package dev.lockstep.testkit.simulator;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Many runs together.
///
/// @param seeds how many were run
/// @param events how many things happened in them
/// @param simulatedNanos how long they lasted in simulated time, added up
/// @param busyNanos how long that took in real time, added up over the threads
/// @param operations how many operations were judged to be linearizable
/// @param undecided in how many runs the search for an order was given up
/// @param digest depends on everything that happened in each of them
/// @param exercised what they came to do
/// @param failures the promises that were broken, by ascending seed
public record SimulationSummary(
        long seeds,
        long events,
        long simulatedNanos,
        long busyNanos,
        long operations,
        long undecided,
        long digest,
        Exercised exercised,
        List<SimulationFailure> failures) {

    /// No run.
    public static final SimulationSummary NONE =
            new SimulationSummary(0, 0, 0, 0, 0, 0, 0, new Exercised(), List.of());

    public SimulationSummary {
        failures = List.copyOf(failures);
    }

    /// This, if every promise was kept.
    ///
    /// @throws SimulationFailure the first that was not
    public SimulationSummary requireNoFailure() {
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        return this;
    }

    /// The sum of this and `other`, which ran other seeds.
    public SimulationSummary plus(SimulationSummary other) {
        return new SimulationSummary(
                seeds + other.seeds,
                events + other.events,
                simulatedNanos + other.simulatedNanos,
                busyNanos + other.busyNanos,
                operations + other.operations,
                undecided + other.undecided,
                digest + other.digest,
                exercised.plus(other.exercised),
                Stream.concat(failures.stream(), other.failures.stream())
                        .sorted(Comparator.comparingLong(SimulationFailure::seed))
                        .toList());
    }

    /// Checked events per second and core.
    public long eventsPerSecond() {
        return busyNanos == 0 ? 0 : (long) (events * 1e9 / busyNanos);
    }

    /// Seconds of a cluster's life simulated per minute and core.
    public long clusterSecondsPerMinute() {
        return busyNanos == 0 ? 0 : (long) (60.0 * simulatedNanos / busyNanos);
    }
}
