package dev.lockstep.ordering.stability;

import dev.lockstep.core.Now;

/// The wall clock, in nanoseconds since 1970. A wrong one costs time, never safety: what it says
/// enters a floor, and a floor does not go back.
final class SynchronizedClock implements ClockSource {

    private static final long RESERVATION_NANOS = 100_000_000L;

    @Override
    public long reading(Now now) {
        return Math.max(0, now.wallNanos());
    }

    /// Ahead of the clock by the way to the fast quorum, so that all members there find it in time
    /// and make the same candidate.
    @Override
    public long least(Now now, long leadNanos) {
        return reading(now) + leadNanos;
    }

    @Override
    public boolean counts() {
        return false;
    }

    @Override
    public boolean followsOthers() {
        return false;
    }

    @Override
    public long reservation() {
        return RESERVATION_NANOS;
    }

    @Override
    public String order() {
        return "synchronized-clock";
    }
}
