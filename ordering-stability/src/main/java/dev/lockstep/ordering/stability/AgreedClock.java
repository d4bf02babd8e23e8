package dev.lockstep.ordering.stability;

import java.util.Arrays;

/// Where a coordinator takes agreed time from: its wall clock, kept within the allowed skew of the
/// median of the members' last readings, so that one bad clock moves nobody.
///
/// A reading is remembered as its difference from this member's monotonic clock at receipt, and
/// ages with it.
final class AgreedClock {

    private final Setup setup;
    private final Turn turn;

    /// Each member's last reading, less this member's monotonic clock at receipt.
    private final long[] offsets;

    /// Of whom there is a reading.
    private final boolean[] known;

    AgreedClock(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
        this.offsets = new long[setup.size()];
        this.known = new boolean[setup.size()];
    }

    /// A member's wall clock, as it rode on a message.
    void onReading(int rank, long wallNanos) {
        offsets[rank] = wallNanos - turn.monotonicNanos();
        known[rank] = true;
    }

    /// The time to stamp now.
    long stamp() {
        long wall = turn.now().wallNanos();
        onReading(setup.rank(), wall);
        long[] sorted = new long[known.length];
        int count = 0;
        for (int rank = 0; rank < known.length; rank++) {
            if (known[rank]) {
                sorted[count++] = offsets[rank];
            }
        }
        Arrays.sort(sorted, 0, count);
        long median = sorted[(count - 1) / 2] + turn.monotonicNanos();
        long skew = setup.options().maxSkewNanos();
        return Math.clamp(wall, median - skew, median + skew);
    }
}
