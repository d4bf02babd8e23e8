package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Now;

/// One machine's clocks: a monotonic one that runs a little too fast or slow, and a wall clock that
/// is wrong by some amount, jumps, and may stand still.
final class SimClock {

    /// Simulated runs begin here: 2026-01-01T00:00Z.
    static final long BEGINNING_NANOS = 1_767_225_600L * 1_000_000_000L;

    private static final long MOST_SKEW_NANOS = 5_000_000_000L;

    private static final long MILLION = 1_000_000L;

    private final Timeline timeline;
    private long driftPpm;
    private long skewNanos;
    private boolean isFrozen;
    private long frozenWallNanos;
    /// What the monotonic clock showed when its rate changed last, and when that was.
    private long shownAtChange;

    private long changedAt;

    /// @param driftPpm how much faster than true time the monotonic clock runs, in millionths
    /// @param skewNanos how far the wall clock is ahead
    SimClock(Timeline timeline, long driftPpm, long skewNanos) {
        this.timeline = timeline;
        this.driftPpm = driftPpm;
        this.skewNanos = skewNanos;
    }

    /// The process starts: its monotonic clock begins at 0.
    void boot() {
        changedAt = timeline.nowNanos();
        shownAtChange = 0;
    }

    /// From now on the monotonic clock runs faster than true time by so many millionths.
    void drift(long ppm) {
        shownAtChange = monotonicNanos();
        changedAt = timeline.nowNanos();
        driftPpm = ppm;
    }

    Now now() {
        return new Now(monotonicNanos(), wallNanos());
    }

    long monotonicNanos() {
        return monotonicAt(timeline.nowNanos());
    }

    private long monotonicAt(long trueNanos) {
        long since = trueNanos - changedAt;
        return shownAtChange
                + since
                + since / MILLION * driftPpm
                + since % MILLION * driftPpm / MILLION;
    }

    /// The first true time at which the monotonic clock shows at least `monotonicNanos`.
    long trueNanosOf(long monotonicNanos) {
        if (monotonicNanos >= Chance.NEVER) {
            return Chance.NEVER;
        }
        double guess =
                (monotonicNanos - shownAtChange) * (1.0 / (1.0 + driftPpm / (double) MILLION));
        long at = changedAt + Math.max(0, (long) guess - 2);
        while (monotonicAt(at) < monotonicNanos) {
            at++;
        }
        return at;
    }

    private long wallNanos() {
        return isFrozen ? frozenWallNanos : BEGINNING_NANOS + timeline.nowNanos() + skewNanos;
    }

    /// The wall clock jumps, but is never off by more than [#MOST_SKEW_NANOS].
    void jump(long nanos) {
        skewNanos = Math.clamp(skewNanos + nanos, -MOST_SKEW_NANOS, MOST_SKEW_NANOS);
    }

    void freeze() {
        frozenWallNanos = wallNanos();
        isFrozen = true;
    }

    /// Somebody sets the wall clock right, but for `skew`.
    void set(long skew) {
        isFrozen = false;
        skewNanos = skew;
    }
}
