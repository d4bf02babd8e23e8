package dev.lockstep.ordering.stability;

/// The decisions on which safety hangs, each in one place, so that tests can break it. Stateless.
class Rules {

    /// As the protocol has them.
    static final Rules CORRECT = new Rules();

    /// So many floors make a timestamp stable.
    int stableMajority(int majority) {
        return majority;
    }

    /// So many answers end a recovery's question.
    int recoveryQuorum(int quorum) {
        return quorum;
    }

    /// So many members of the fast quorum must have made the largest candidate.
    int fastHolders(int tolerated) {
        return tolerated;
    }

    /// So many answers bound a read: with a mere majority a decision on a small fast quorum is
    /// missed.
    int readQuorum(int quorum, int majority) {
        return quorum;
    }

    /// What another member's answer adds to a read's bound.
    long heard(long highest) {
        return highest;
    }

    /// True if a fast decision is durable before anybody hears of it.
    boolean disclosesAfterSync() {
        return true;
    }

    /// True if so many members have made a candidate that a decision may be evident from them.
    boolean isEvidentWith(int made, int members) {
        return made == members;
    }

    /// True if a decision may be evident where the largest of all candidates is this.
    boolean isEvidentBelow(long decision, long largest) {
        return decision == largest;
    }

    /// So many members must have made a candidate as large as an evident decision: one more than
    /// may be missing from a recovery.
    int evidentHolders(int tolerated) {
        return tolerated + 1;
    }

    /// The record that must be durable before a proposal leaves.
    long proposeAfter(long sequence) {
        return sequence;
    }

    /// The record that must be durable before anything that a member says of a command.
    long sayAfter(long sequence) {
        return sequence;
    }

    /// What others may be told of a floor.
    long announced(long floor, long reservedDurably) {
        return Math.min(floor, reservedDurably);
    }

    /// The floor after a restart: above all that was promised, and all that anybody may wait for.
    long floorAtStart(long promised, long highest) {
        return Math.max(promised, highest);
    }

    /// True if a member that knows its candidate to be the largest of a fast quorum of two decides
    /// by itself, sparing a message. Recovery cannot find that again.
    boolean decidesAlone(int members) {
        return false;
    }

    /// True if a candidate that a header names is waited for.
    boolean waitsForListed() {
        return true;
    }

    /// True if a header speaks for everything that its sender has forgotten.
    boolean isBase(long from, long base) {
        return from == base;
    }

    /// What a member's candidate is at least, given its coordinator's.
    long leastFor(long coordinators) {
        return coordinators;
    }

    /// True if a recovery gives a command a candidate of every member that it asks.
    boolean makesLateCandidates() {
        return true;
    }

    /// True if a proposal may still be acknowledged.
    boolean mayAcknowledge(Vote vote) {
        return !vote.isLate() && vote.ballot() == 0;
    }

    /// What a member has said once it has promised a ballot.
    Vote promised(Vote vote, long ballot) {
        return vote.withBallot(ballot);
    }

    /// True if a candidate that headers still name stays in the journal though its command is
    /// executed.
    boolean keepsNamed() {
        return true;
    }

    /// True if a timestamp that this member's clock does not reach is taken for reached.
    boolean overridesClock() {
        return true;
    }

    /// Whether a recovery may choose, given that the fast path can be ruled out.
    boolean isFree(boolean isFastPathRuledOut) {
        return isFastPathRuledOut;
    }

    /// True if an executed command is known for ever.
    boolean knowsPast() {
        return true;
    }

    /// A batch counts after its predecessor.
    boolean isInTurn(long after, long delivered) {
        return after <= delivered;
    }

    /// A batch counts once.
    boolean isRepeated(long sequence, long delivered) {
        return sequence <= delivered;
    }
}
