package dev.lockstep.replica;

import dev.lockstep.core.Now;

/// Sees to it that agreed time passes what is due even when no client asks for anything: the
/// expiry of sessions and the state machine's own deadlines.
///
/// Every replica watches; the lower its rank, the sooner it orders an empty batch, so that one
/// batch does for all.
final class DeadlineWatch {

    /// How much later each rank acts than the one before.
    static final long RANK_NANOS = 20_000_000L;

    private final Executor executor;
    private final Service service;
    private final Sessions sessions;
    private final AgreedClock clock;
    private final Admission admission;
    private final CurrentReign current;

    /// What is watched: the earliest time, in agreed time, at which something is due.
    private long watched = Long.MAX_VALUE;

    /// When to look again, monotonic.
    private long lookAt = Long.MAX_VALUE;

    /// When to act, monotonic; `Long.MAX_VALUE` while `watched` is not due.
    private long actAt = Long.MAX_VALUE;

    DeadlineWatch(
            CurrentReign current,
            Executor executor,
            Service service,
            Sessions sessions,
            AgreedClock clock,
            Admission admission) {
        this.current = current;
        this.executor = executor;
        this.service = service;
        this.sessions = sessions;
        this.clock = clock;
        this.admission = admission;
    }

    void advance(Now now) {
        if (!admission.isOpen()) {
            // This replica orders nothing any more, and in quarantine its time stands still.
            lookAt = Long.MAX_VALUE;
            return;
        }
        long patienceNanos = Math.max(0, current.rank()) * RANK_NANOS;
        long clockNanos = clock.read(now);
        long next = Math.min(service.deadlineNanos(), sessions.nextExpiryNanos(clockNanos));
        if (next != watched) {
            watched = next;
            actAt = Long.MAX_VALUE;
        }
        // A machine whose deadline has passed has been told so; more time does not help it.
        if (next == Long.MAX_VALUE || next <= executor.timeNanos()) {
            lookAt = Long.MAX_VALUE;
            return;
        }
        long left = next - clockNanos;
        if (left > 0) {
            actAt = Long.MAX_VALUE;
            lookAt = saturatedSum(now.monotonicNanos(), left);
            return;
        }
        if (actAt == Long.MAX_VALUE) {
            actAt = now.monotonicNanos() + patienceNanos;
        }
        if (now.monotonicNanos() >= actAt) {
            // Whatever is in flight already moves agreed time as well.
            if (!admission.hasInFlight()) {
                admission.submitEmpty(now);
            }
            actAt = now.monotonicNanos() + patienceNanos + RANK_NANOS;
        }
        lookAt = actAt;
    }

    long nextDeadlineNanos() {
        return lookAt;
    }

    private static long saturatedSum(long left, long right) {
        long sum = left + right;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
