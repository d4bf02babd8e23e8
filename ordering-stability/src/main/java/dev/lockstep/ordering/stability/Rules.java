package dev.lockstep.ordering.stability;

import org.jspecify.annotations.Nullable;

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

    /// True if an answer is to the ballot that the recovery is at.
    boolean isAnswerTo(long asked, long answered) {
        return asked == answered;
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

    /// Whether a recovery that may choose may also choose more than all candidates, so that the
    /// command comes after its predecessor: only where nothing can have been decided evidently,
    /// which takes acknowledgements of all.
    boolean mayRaise(boolean isAnyLate) {
        return isAnyLate;
    }

    /// True if a ballot that somebody refuses goes on with those who do not.
    boolean goesOnWithTheOthers() {
        return true;
    }

    /// So many accept a value for good.
    int acceptQuorum(int quorum) {
        return quorum;
    }

    /// A ballot of this member's own, above all that it has seen: no other member ever uses it.
    long ballot(int rank, int size, long seen) {
        return rank + size * (1 + seen / size);
    }

    /// True if something may be said of an open command, other than by its coordinator while that
    /// writes its decision down.
    boolean maySpeak(boolean isDeciding) {
        return !isDeciding;
    }

    /// Whose candidates the fast path takes, one bit a rank: those whom the proposal names.
    long fastQuorum(long named, long answered) {
        return named;
    }

    /// True if a coordinator that starts again goes on with what it had proposed, instead of having
    /// it recovered. It remembers all that it needs for that, so safety would not suffer.
    boolean proposesOnAfterRestart() {
        return false;
    }

    /// The number of a coordinator's next command after a restart: above those of all that it wrote
    /// down, executed or not.
    long nextNumber(long aboveExecuted, long aboveWritten) {
        return aboveWritten;
    }

    /// True if a batch that was refused is not ordered.
    boolean dropsRefused() {
        return true;
    }

    /// True if a floor is told only below the candidates that are on their way to the disk.
    boolean heedsFreshCandidates() {
        return true;
    }

    /// How far this member's own floor counts for what is stable here: as far as a crash does not
    /// take it back.
    long ownFloor(long announced, long floor) {
        return announced;
    }

    /// True if a member lets its floor pass what is decided, though it makes no candidate there.
    boolean passesDecided() {
        return true;
    }

    /// True if a member asks for commands that it knows by name only.
    boolean asksForCommands() {
        return true;
    }

    /// True if a member finishes what a coordinator that is gone has left open.
    boolean finishesForOthers() {
        return true;
    }

    /// True if a member finishes a command that it has left to others for long enough.
    boolean stepsIn(long waitedNanos, long patienceNanos) {
        return waitedNanos >= patienceNanos;
    }

    /// Since when a command is left to others: since it is known, and since there are enough of
    /// them
    /// to finish it.
    long leftSince(long knownSince, long enoughSince) {
        return Math.max(knownSince, enoughSince);
    }

    /// For how long a command is left to others after so many own ballots that came to nothing.
    long patience(long nanos, int failed) {
        return nanos << failed;
    }

    /// True if what is said of open commands is written again before its records are released.
    boolean keepsOpen() {
        return true;
    }

    /// What is executed of a command that is next; null to wait for it, because only its name is
    /// here.
    @Nullable Command toExecute(CommandState state) {
        return state.command;
    }

    /// True if a decided command is executed now: when it is stable, the stop sign as any other.
    boolean isDue(long timestamp, long stable, Command command) {
        return timestamp <= stable;
    }

    /// True if nothing is executed after the stop sign.
    boolean endsAtStopSign() {
        return true;
    }

    /// True if an anchor is of this epoch, in which no command of another was executed.
    boolean isOfEpoch(long anchors, long present) {
        return anchors == present;
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
