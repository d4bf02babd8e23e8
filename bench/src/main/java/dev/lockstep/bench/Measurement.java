package dev.lockstep.bench;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// One window of one level, or the medians of several.
///
/// @param perSecond answers a second
/// @param p50Micros and the others: from the asking to the answer, in microseconds
/// @param cpuPerMillion processor seconds of all replicas together for a million answers; negative
///     if unknown
/// @param failed requests without a proper answer
/// @param emptyWindows windows that ended without a single answer: their figures are none
record Measurement(
        int inFlight,
        int sessions,
        double perSecond,
        double p50Micros,
        double p99Micros,
        double p999Micros,
        double maxMicros,
        double cpuPerMillion,
        long failed,
        int emptyWindows) {

    static Measurement of(
            int inFlight,
            int sessions,
            long answered,
            long failed,
            long nanos,
            Histogram latencies,
            double cpuNanos) {
        return new Measurement(
                inFlight,
                sessions,
                answered * 1e9 / nanos,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                latencies.getValueAtPercentile(99.9) / 1e3,
                latencies.getMaxValue() / 1e3,
                cpuNanos < 0 || answered == 0 ? -1 : cpuNanos / 1e9 / (answered / 1e6),
                failed,
                answered == 0 ? 1 : 0);
    }

    /// True if there are any figures.
    boolean isMeasured() {
        return perSecond > 0;
    }

    /// The median of each figure by itself, over the windows that have any; failures are added up.
    static Measurement medianOf(List<Measurement> all) {
        Measurement first = all.getFirst();
        List<Measurement> measured = all.stream().filter(Measurement::isMeasured).toList();
        List<Measurement> windows = measured.isEmpty() ? all : measured;
        return new Measurement(
                first.inFlight,
                first.sessions,
                median(windows, Measurement::perSecond),
                median(windows, Measurement::p50Micros),
                median(windows, Measurement::p99Micros),
                median(windows, Measurement::p999Micros),
                median(windows, Measurement::maxMicros),
                median(windows, Measurement::cpuPerMillion),
                all.stream().mapToLong(Measurement::failed).sum(),
                all.size() - measured.size());
    }

    private static double median(List<Measurement> windows, ToDoubleFunction<Measurement> figure) {
        List<Double> values = new ArrayList<>();
        windows.forEach(window -> values.add(figure.applyAsDouble(window)));
        return median(values);
    }

    /// The middle value; of an even number, the mean of the two in the middle.
    static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
