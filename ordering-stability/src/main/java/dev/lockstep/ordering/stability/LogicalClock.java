package dev.lockstep.ordering.stability;

import dev.lockstep.core.Now;

/// Lamport's clock: a counter that every message pushes.
final class LogicalClock implements ClockSource {

    private static final long RESERVATION = 10_000;

    @Override
    public long reading(Now now) {
        return 0;
    }

    @Override
    public long least(Now now, long leadNanos) {
        return 0;
    }

    @Override
    public boolean counts() {
        return true;
    }

    @Override
    public boolean followsOthers() {
        return true;
    }

    @Override
    public long reservation() {
        return RESERVATION;
    }

    @Override
    public String order() {
        return "logical-clock";
    }
}
