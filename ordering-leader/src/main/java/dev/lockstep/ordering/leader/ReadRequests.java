package dev.lockstep.ordering.leader;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.leader.LeaderMessage.ReadReply;
import dev.lockstep.ordering.leader.LeaderMessage.ReadRequest;

/// The read barriers of this member's own host.
///
/// Barriers ascend and an answer covers all lower ones, so three numbers are all there is to
/// remember. They are asked of whoever leads, be it this member, until answered.
final class ReadRequests {

    /// No more requests are under way than this; barriers that come meanwhile share the next one.
    private static final int MOST_UNDER_WAY = 4;

    private final Turn turn;
    private final Setup setup;
    private final Standing standing;
    private final Delivery delivery;

    /// Drawn at each boot.
    private final long asker;

    /// The host's latest barrier.
    private long newest;

    /// The latest that the current leader was asked; at most `newest`.
    private long requested;

    /// The latest that was answered; at most `newest`.
    private long answered;

    /// Requests to the current leader without an answer.
    private int underWay;

    /// What `answered` was when the retry timer fired last.
    private long answeredAtRetry;

    ReadRequests(Setup setup, Turn turn, Standing standing, Delivery delivery) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.delivery = delivery;
        this.asker = setup.random().nextLong();
    }

    void onRequested(long barrier) {
        Invariant.check(barrier > newest, "barriers ascend", barrier, newest);
        newest = barrier;
    }

    /// There is another leader, or none, or the way to it was interrupted: ask again.
    void onLeaderChanged() {
        requested = answered;
        underWay = 0;
    }

    /// As a follower: asks the leader.
    void flush() {
        ReplicaId leader = standing.leader();
        if (leader != null && newest > requested && underWay < MOST_UNDER_WAY) {
            turn.send(leader, new ReadRequest(standing.term(), newest, asker));
            requested = newest;
            underWay++;
        }
    }

    /// As the leader: asks itself.
    void flush(ReadRounds rounds) {
        if (newest > requested) {
            rounds.add(setup.rank(), newest, asker);
            requested = newest;
        }
    }

    /// An answer to this boot's request is true whoever leads by now.
    void onReply(ReadReply reply) {
        if (reply.asker() == asker && reply.barrier() <= newest) {
            underWay = Math.max(0, underWay - 1);
            onAnswer(reply.barrier(), reply.index());
        }
    }

    /// Everything through `barrier` may be read once `index` is executed.
    void onAnswer(long barrier, long index) {
        if (barrier > answered) {
            answered = barrier;
            requested = Math.max(requested, barrier);
            turn.emit(new Effect.Readable<>(barrier, delivery.positionOf(index)));
        }
        if (answered >= requested) {
            underWay = 0;
        }
    }

    /// Nobody leads and nobody seems to be about to: the host had better ask elsewhere.
    void giveUp() {
        if (newest > answered) {
            answered = newest;
            requested = newest;
            underWay = 0;
            turn.emit(new Effect.Unreadable<>(newest));
        }
    }

    /// True if a leader was asked and has not answered.
    boolean isWaiting() {
        return answered < requested;
    }

    /// Some time has passed: if no answer has come since the last time, ask again.
    void onRetry() {
        if (isWaiting() && answered == answeredAtRetry) {
            onLeaderChanged();
        }
        answeredAtRetry = answered;
    }
}
