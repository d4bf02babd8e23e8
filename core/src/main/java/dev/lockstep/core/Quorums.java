package dev.lockstep.core;

import java.util.Arrays;

/// Arithmetic that protocols share. Pure.
public final class Quorums {

    private Quorums() {}

    /// The highest value that at least `quorum` of `values` have reached.
    ///
    /// @param values one per member, in any order; not changed
    public static long reachedBy(int quorum, long[] values) {
        if (quorum < 1 || quorum > values.length) {
            throw new IllegalArgumentException("quorum " + quorum + " of " + values.length);
        }
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - quorum];
    }

    /// The median of `values`, the lower one if their number is even.
    public static long median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(sorted.length - 1) / 2];
    }
}
