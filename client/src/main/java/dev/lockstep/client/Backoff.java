package dev.lockstep.client;

/// When to try again after "not now": one pause for a burst of refusals, twice as long each time
/// while nothing succeeds, up to 32 times the first.
final class Backoff {

    private static final int MAX_DOUBLINGS = 5;

    private final long firstNanos;

    /// Nothing that was refused is sent again before.
    private long until = Long.MIN_VALUE;

    private int doublings;

    private int pauses;

    Backoff(long firstNanos) {
        this.firstNanos = firstNanos;
    }

    boolean isOver(long now) {
        return now >= until;
    }

    long until() {
        return until;
    }

    void onRefused(long now) {
        if (isOver(now)) {
            until = now + (firstNanos << doublings);
            doublings = Math.min(doublings + 1, MAX_DOUBLINGS);
            pauses++;
        }
    }

    void onSuccess() {
        doublings = 0;
        pauses = 0;
    }

    /// How many pauses there were since anything succeeded or [#onElsewhere].
    int pauses() {
        return pauses;
    }

    /// What was refused is asked of another replica from now on.
    void onElsewhere() {
        pauses = 0;
    }
}
