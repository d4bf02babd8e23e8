package dev.lockstep.ordering.leader;

import dev.lockstep.core.Effect;

/// Which records of the journal are needed no more: after a snapshot, those before the record of
/// the first entry that follows it, once term and vote are written again.
final class Forgetting {

    private final Turn turn;
    private final Standing standing;
    private final Log log;
    private final Delivery delivery;

    /// Released when the journal is durable through `afterSequence`; 0 if nothing waits.
    private long releasable;

    private long afterSequence;

    Forgetting(Turn turn, Standing standing, Log log, Delivery delivery) {
        this.turn = turn;
        this.standing = standing;
        this.log = log;
        this.delivery = delivery;
    }

    /// A snapshot of everything through `position` is durable.
    void onSnapshot(long position) {
        long needed = delivery.indexOf(position) + 1;
        long again = standing.record();
        long through = needed > log.lastIndex() ? again - 1 : log.sequenceBefore(needed);
        releasable = Math.max(releasable, through);
        afterSequence = again;
    }

    void onDurable(long sequence) {
        if (releasable > 0 && sequence >= afterSequence) {
            turn.emit(new Effect.Release<>(releasable));
            releasable = 0;
        }
    }
}
