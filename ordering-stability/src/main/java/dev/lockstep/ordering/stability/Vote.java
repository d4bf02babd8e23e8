package dev.lockstep.ordering.stability;

/// What one member has said of a command, and must remember: the whole of it in one value, written
/// down whole at each change.
///
/// The promised and the accepted ballot are two numbers on purpose: reporting an accepted value
/// under the promised ballot lets an old value outvote a decided one.
///
/// @param candidate this member's candidate id; 0 before there is one, never changed after
/// @param isLate true if it was made for a recovery: then this member never acknowledged the
///     proposal and never will
/// @param ballot the highest ballot promised; 0 before any
/// @param acceptedBallot the ballot of the value accepted; 0 before any, at most `ballot`
/// @param accepted the value accepted
/// @param decided the unique id; 0 before it is known
record Vote(
        long candidate,
        boolean isLate,
        long ballot,
        long acceptedBallot,
        long accepted,
        long decided) {

    static final Vote NONE = new Vote(0, false, 0, 0, 0, 0);

    Vote withCandidate(long made, boolean late) {
        return new Vote(made, late, ballot, acceptedBallot, accepted, decided);
    }

    Vote withBallot(long promised) {
        return new Vote(candidate, isLate, promised, acceptedBallot, accepted, decided);
    }

    Vote withAccepted(long atBallot, long value) {
        return new Vote(candidate, isLate, atBallot, atBallot, value, decided);
    }

    Vote withDecided(long value) {
        return new Vote(candidate, isLate, ballot, acceptedBallot, accepted, value);
    }

    /// The highest timestamp in it.
    long highest() {
        return Math.max(candidate, Math.max(accepted, decided));
    }
}
