package dev.lockstep.ordering.stability;

import dev.lockstep.core.Now;

import java.util.Arrays;
import java.util.function.Supplier;

/// Where a coordinator takes agreed time from: its wall clock, kept within the allowed skew of the
/// median of the members' last readings, so that one bad clock moves nobody.
///
/// A reading is remembered as its difference from this member's monotonic clock at receipt, and
/// ages with it.
final class AgreedClock {

    private final int rank;
    private final long maxSkewNanos;
    private final Supplier<Now> clocks;

    /// Each member's last reading, less this member's monotonic clock at receipt.
    private final long[] offsets;

    /// Of whom there is a reading.
    private final boolean[] known;

    AgreedClock(Setup setup, Turn turn) {
        this(setup.rank(), setup.size(), setup.options().maxSkewNanos(), turn::now);
    }

    /// @param rank this member's
    /// @param size how many members there are
    /// @param maxSkewNanos how far from the median
    /// @param clocks those of the present step
    AgreedClock(int rank, int size, long maxSkewNanos, Supplier<Now> clocks) {
        this.rank = rank;
        this.maxSkewNanos = maxSkewNanos;
        this.clocks = clocks;
        this.offsets = new long[size];
        this.known = new boolean[size];
    }

    /// A member's wall clock, as it rode on a message.
    void onReading(int whose, long wallNanos) {
        offsets[whose] = wallNanos - clocks.get().monotonicNanos();
        known[whose] = true;
    }

    /// The time to stamp now.
    long stamp() {
        long wall = clocks.get().wallNanos();
        onReading(rank, wall);
        long[] sorted = new long[known.length];
        int count = 0;
        for (int each = 0; each < known.length; each++) {
            if (known[each]) {
                sorted[count++] = offsets[each];
            }
        }
        Arrays.sort(sorted, 0, count);
        long median = sorted[(count - 1) / 2] + clocks.get().monotonicNanos();
        return Math.clamp(wall, median - maxSkewNanos, median + maxSkewNanos);
    }
}
