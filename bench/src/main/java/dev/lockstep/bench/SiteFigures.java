package dev.lockstep.bench;

import org.HdrHistogram.Histogram;

/// What a site's clients measured in one phase, beside what the delays alone are to take.
///
/// @param answered how many answers the figures are of
/// @param failed requests without a proper answer
/// @param p50Millis and the other: from the asking to the answer
/// @param formulaMillis what was to be expected: of a site alone the time itself, of all at once
///     the longest
record SiteFigures(
        int site,
        long answered,
        long failed,
        double p50Millis,
        double p99Millis,
        double formulaMillis) {

    static SiteFigures of(
            int site, long answered, long failed, Histogram latencies, double formulaMillis) {
        return new SiteFigures(
                site,
                answered,
                failed,
                latencies.getValueAtPercentile(50) / 1e6,
                latencies.getValueAtPercentile(99) / 1e6,
                formulaMillis);
    }
}
