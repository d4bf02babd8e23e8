package dev.lockstep.ordering.stability;

import dev.lockstep.core.Now;

/// Counters that no message pushes: each replica proposes ids of its own, and the largest is taken
/// (Schneider's replica-generated identifiers).
final class ReplicaIds implements ClockSource {

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
        return false;
    }

    @Override
    public long reservation() {
        return RESERVATION;
    }

    @Override
    public String order() {
        return "replica-ids";
    }
}
