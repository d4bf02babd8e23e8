package dev.lockstep.replica;

import dev.lockstep.core.Now;

/// This replica's own clock, as far as the others would believe it.
///
/// The last position delivered while the process runs says what agreed time was; the monotonic
/// clock says how long ago. A wall clock further from that than the skew that clocks are believed
/// to have is wrong, and clamped.
final class AgreedClock {

    private final long maxSkewNanos;

    /// Agreed time less monotonic time at the last delivery; meaningless before the first.
    private long offsetNanos;

    private boolean delivered;

    AgreedClock(long maxSkewNanos) {
        this.maxSkewNanos = maxSkewNanos;
    }

    void onDelivered(Now now, long timeNanos) {
        offsetNanos = timeNanos - now.monotonicNanos();
        delivered = true;
    }

    /// Nanoseconds since 1970.
    long read(Now now) {
        if (!delivered) {
            return now.wallNanos();
        }
        long expected = offsetNanos + now.monotonicNanos();
        return Math.clamp(now.wallNanos(), expected - maxSkewNanos, expected + maxSkewNanos);
    }
}
