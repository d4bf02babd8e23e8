package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.OrderingStatus;

import org.jspecify.annotations.Nullable;

/// Stops executing while a snapshot is written of a state machine that has no frozen view of its
/// state. The replica goes on voting and logging; what is delivered waits.
///
/// In this order: it gets a turn, so that no two members pause at once; clients are sent to others,
/// what was admitted is waited for, and another member takes over from it if it is the one that
/// orders for all; the snapshot is written; what waited is executed; clients are taken again.
/// A cluster of one has nobody to send them to: they wait.
final class ExecutionPause implements Snapshotting.Gate {

    /// How long others may take to take over.
    static final long HAND_OVER_NANOS = 5_000_000_000L;

    /// They are asked again after this: nobody may have been there to take over.
    static final long ASK_AGAIN_NANOS = 500_000_000L;

    /// What happens around it.
    interface Host {
        /// Sends clients away, or takes them again.
        ///
        /// @param reason one sentence; null to take them again
        void sendAway(@Nullable String reason);
    }

    private enum Phase {
        /// Executes.
        NONE,
        /// Executes; waits until others have taken over.
        HANDING_OVER,
        /// Executes nothing.
        PAUSED,
        /// Executes what has waited.
        CATCHING_UP
    }

    private final CurrentReign current;
    private final CurrentEngine engine;
    private final Executor executor;
    private final Backlog backlog;
    private final Admission admission;
    private final PauseTurns turns;
    private final ReplicaListener listener;
    private final Host host;

    private Phase phase = Phase.NONE;

    /// When others are waited for no longer, monotonic.
    private long handOverBy;

    /// When they are asked again, monotonic.
    private long askAgainNanos;

    /// When the pause began, monotonic.
    private long pausedAt;

    ExecutionPause(
            CurrentReign current,
            CurrentEngine engine,
            Executor executor,
            Backlog backlog,
            Admission admission,
            PauseTurns turns,
            ReplicaListener listener,
            Host host) {
        this.current = current;
        this.engine = engine;
        this.executor = executor;
        this.backlog = backlog;
        this.admission = admission;
        this.turns = turns;
        this.listener = listener;
        this.host = host;
    }

    @Override
    public boolean mayFreeze(Now now) {
        if (phase == Phase.NONE) {
            // After an epoch's end that came in a pause, its state is still to be reached.
            if (executor.position() < current.get().after() || !turns.take(now)) {
                return false;
            }
            phase = Phase.HANDING_OVER;
            handOverBy = now.monotonicNanos() + HAND_OVER_NANOS;
            if (hasOthers()) {
                host.sendAway("replica " + current.self() + " writes a snapshot; ask another");
                admission.advance(now);
                askAgainNanos = now.monotonicNanos();
            }
        }
        if (phase == Phase.HANDING_OVER && hasOthers() && now.monotonicNanos() >= askAgainNanos) {
            askAgainNanos = now.monotonicNanos() + ASK_AGAIN_NANOS;
            if (!haveTakenOver()) {
                engine.handOver(now);
            }
        }
        return phase == Phase.HANDING_OVER
                && backlog.isEmpty()
                && (!hasOthers() || haveTakenOver() || now.monotonicNanos() >= handOverBy);
    }

    private boolean hasOthers() {
        return current.members().size() > 1 || !current.isMember();
    }

    private boolean haveTakenOver() {
        return !admission.hasInFlight() && !ordersForOthers();
    }

    private boolean ordersForOthers() {
        OrderingStatus status = engine.status();
        return !status.isOwn() && current.self().equals(status.preferredEntry());
    }

    @Override
    public void notDue(Now now) {
        if (phase == Phase.NONE) {
            turns.giveBack(now);
        } else if (phase == Phase.HANDING_OVER) {
            end(now);
        }
    }

    @Override
    public void onBegun(Now now) {
        phase = Phase.PAUSED;
        pausedAt = now.monotonicNanos();
        backlog.pause();
        listener.onExecutionPaused(executor.position());
    }

    @Override
    public void onEnded(Now now) {
        if (phase == Phase.PAUSED) {
            phase = Phase.CATCHING_UP;
            listener.onExecutionResumed(
                    executor.position(), now.monotonicNanos() - pausedAt, backlog.size());
            backlog.resume();
        }
    }

    /// The end of a duty cycle.
    void advance(Now now) {
        turns.advance(now);
        if (phase == Phase.CATCHING_UP && backlog.isEmpty()) {
            end(now);
        }
    }

    private void end(Now now) {
        phase = Phase.NONE;
        turns.giveBack(now);
        host.sendAway(null);
    }

    /// When something is to be done at the latest, monotonic.
    long nextDeadlineNanos() {
        return phase == Phase.HANDING_OVER && hasOthers()
                ? Math.min(turns.nextDeadlineNanos(), askAgainNanos)
                : turns.nextDeadlineNanos();
    }
}
