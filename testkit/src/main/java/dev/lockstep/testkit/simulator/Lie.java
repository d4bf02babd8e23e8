package dev.lockstep.testkit.simulator;

import java.util.Locale;

/// What a replica that lies does, for clusters whose order survives that. All else it does as the
/// others do, so that what it says is mostly believed. A liar of the simulator signs in its own
/// name only.
public enum Lie {

    // -- to clients

    /// Results are wrong, those of all liars in the same way.
    WRONG_RESULTS,
    /// A request is answered with what another one was answered before.
    OLD_REPLIES,
    /// A request is answered with the reply to somebody else's.
    OTHERS_REPLIES,
    /// A request is answered twice, wrong and right.
    TWO_REPLIES,
    /// A request is said to be refused that is executed.
    FALSE_REFUSALS,

    // -- to members that are behind

    /// History with a byte changed.
    ALTERED_HISTORY,
    /// History is said to end where it does not.
    CUT_HISTORY,
    /// History of other positions than was asked for.
    OTHER_HISTORY,
    /// There is always said to be more history.
    ENDLESS_HISTORY,
    /// Chunks of a snapshot with a byte changed.
    BAD_CHUNKS,
    /// What is said of a snapshot is not what was signed for.
    BAD_SNAPSHOTS,
    /// The first snapshot that was asked for is offered for ever.
    STALE_SNAPSHOTS,
    /// Chunks of a snapshot come so late that it takes for ever.
    SLOW_SNAPSHOTS,

    // -- to all members

    /// The state is changed again and again, so that snapshots are of another one, and signed for.
    CORRUPT_STATE,
    /// Digests of replies and states are wrong.
    WRONG_DIGESTS,
    /// Snapshots are signed for that nobody has, at times, and other ones to others.
    FALSE_CHECKPOINTS,
    /// Nothing is said for a while, again and again.
    SILENCE,
    /// A later epoch is said to have begun.
    FALSE_EPOCHS,
    /// What others pass on is not taken, nor what some clients ask.
    CENSORSHIP,
    /// Requests of clients are altered before they are passed on.
    FORGED_FORWARDS,

    // -- as the leader

    /// The clock is an hour fast.
    FALSE_TIME,
    /// Batches are ordered just before others would give up.
    SLOW_LEADER,
    /// What was ordered before is ordered again, under other names.
    DUPLICATE_BATCHES,
    /// What clients have asked is altered before it is ordered.
    FORGED_REQUESTS,
    /// What no operator has signed is to be the next epoch: as a wish that is ordered, and as the
    /// stop sign itself.
    FORGED_WISHES;

    /// Such as `wrong-results`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
