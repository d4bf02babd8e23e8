package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.OptionReader;

import java.util.SortedMap;
import java.util.TreeMap;

/// The options of Byzantine ordering. They must be equal on all members.
///
/// @param isSynchronous true for n = 2t+1 under a bound on delays
/// @param deltaNanos that bound: from the moment at which a member hands bytes to its socket to the
///     one at which another has processed them
/// @param viewTimeoutNanos how long a view may go without a commit at first, if there is no bound
/// @param driftPpm a clock runs at most so many millionths too slow or too fast
/// @param window a leader is so many blocks ahead of what is certified
/// @param maxSkewNanos no block's time is further ahead of a voter's clock
record ByzantineOptions(
        boolean isSynchronous,
        long deltaNanos,
        long viewTimeoutNanos,
        int driftPpm,
        int window,
        long maxSkewNanos) {

    private static final long MILLION = 1_000_000;

    /// What a host sets that runs an [Equivocator]. It is no option of clusters: [#parse], which
    /// judges those, refuses it.
    static final String EQUIVOCATES = "test.equivocates";

    /// Of a member that may be one that misbehaves.
    static ByzantineOptions ofMember(SortedMap<String, String> options) {
        SortedMap<String, String> honest = new TreeMap<>(options);
        honest.remove(EQUIVOCATES);
        return parse(honest);
    }

    static ByzantineOptions parse(SortedMap<String, String> options) {
        OptionReader in = new OptionReader("order leader with faults byzantine", options);
        boolean isSynchronous = in.choice("resilience", "3t+1", "2t+1").equals("2t+1");
        if (!isSynchronous && options.containsKey("delta")) {
            throw new IllegalArgumentException(
                    "option delta has no meaning with resilience 3t+1: leave it out, or set"
                            + " resilience to 2t+1.");
        }
        if (isSynchronous && options.containsKey("view-timeout")) {
            throw new IllegalArgumentException(
                    "option view-timeout has no meaning with resilience 2t+1: it follows from"
                            + " delta.");
        }
        ByzantineOptions parsed =
                new ByzantineOptions(
                        isSynchronous,
                        in.duration("delta", "250ms"),
                        in.duration("view-timeout", "1s"),
                        in.number("clock.drift-ppm", 1000, 0, 100_000),
                        in.number("window", 8, 1, 1024),
                        in.duration("clock.max-skew", "1s"));
        in.requireNoOthers();
        return parsed;
    }

    /// So long by a clock that runs too fast.
    long withDrift(long nanos) {
        return nanos + nanos * driftPpm / MILLION;
    }
}
