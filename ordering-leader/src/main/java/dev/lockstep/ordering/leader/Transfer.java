package dev.lockstep.ordering.leader;

import dev.lockstep.ordering.leader.LeaderMessage.TimeoutNow;

import org.jspecify.annotations.Nullable;

/// Handing leadership over (§3.10): takes no more batches, lets the best follower catch up, and
/// asks it to stand at once.
final class Transfer {

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Sequencer sequencer;
    private final Replication replication;

    /// Who is to take over; null if nobody is.
    private @Nullable FollowerProgress target;

    /// True once the target was asked to stand.
    private boolean asked;

    /// True once anybody was asked to stand in this term: from then on it may happen at any time.
    private boolean everAsked;

    /// Ranks tried in this term: bits.
    private int tried;

    Transfer(
            Setup setup,
            Turn turn,
            Standing standing,
            Log log,
            Sequencer sequencer,
            Replication replication) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.log = log;
        this.sequencer = sequencer;
        this.replication = replication;
    }

    /// A new term: nothing is under way.
    void restart() {
        if (target != null) {
            turn.cancel(LeaderTimer.TRANSFER);
        }
        target = null;
        asked = false;
        everAsked = false;
        tried = 0;
        sequencer.setHandingOver(false);
    }

    boolean isUnderWay() {
        return target != null;
    }

    /// True if a member was asked to stand in this term, also if that came to nothing: `TimeoutNow`
    /// may be late, and the voters do not ignore whoever it reaches.
    boolean hasAsked() {
        return everAsked;
    }

    /// Begins, if there is somebody to hand over to who was heard of within `withinNanos` and was
    /// not tried in this term.
    void begin(long withinNanos) {
        if (target != null || !standing.isLeader()) {
            return;
        }
        FollowerProgress best = best(withinNanos);
        if (best != null) {
            target = best;
            asked = false;
            tried |= 1 << best.rank;
            sequencer.setHandingOver(true);
            turn.setTimer(LeaderTimer.TRANSFER, turn.monotonicNanos() + withinNanos);
        }
    }

    /// The same, but those who were tried in vain are tried again once all have been.
    void beginOnRequest(long withinNanos) {
        if (best(withinNanos) == null) {
            tried = 0;
        }
        begin(withinNanos);
    }

    private @Nullable FollowerProgress best(long withinNanos) {
        FollowerProgress best = null;
        for (int rank = 0; rank < setup.size(); rank++) {
            FollowerProgress follower = replication.follower(rank);
            if (follower != null
                    && (tried & 1 << rank) == 0
                    && turn.monotonicNanos() - follower.heardNanos <= withinNanos
                    && (best == null || isBetter(follower, best))) {
                best = follower;
            }
        }
        return best;
    }

    private boolean isBetter(FollowerProgress follower, FollowerProgress best) {
        int priority = setup.options().priorityOf(follower.id);
        int bestPriority = setup.options().priorityOf(best.id);
        return priority > bestPriority
                || (priority == bestPriority && follower.durable > best.durable);
    }

    /// Asks the target to stand as soon as it holds everything.
    void advance() {
        FollowerProgress successor = target;
        if (successor != null && !asked && successor.matched == log.lastIndex()) {
            asked = true;
            everAsked = true;
            turn.send(successor.id, new TimeoutNow(standing.term()));
        }
    }

    /// It has not happened in time: leads on.
    void abort() {
        target = null;
        asked = false;
        sequencer.setHandingOver(false);
    }
}
