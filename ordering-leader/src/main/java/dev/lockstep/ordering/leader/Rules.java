package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

/// The decisions on which safety hangs, one a method, so that each can be read alone and a test can
/// break one at a time by overriding it. The defaults are the protocol. Stateless and pure.
///
/// Section numbers are those of Ongaro's dissertation.
class Rules {

    /// The protocol as it is.
    static final Rules CORRECT = new Rules();

    /// Which record a message in a term waits for: that of the term itself, with the vote that the
    /// sender has given in it, itself included (§3.8).
    long messageAfter(LeaderMessage message, long termSequence) {
        return termSequence;
    }

    /// True if a vote is written down before it is sent (§3.8).
    boolean recordsVotes() {
        return true;
    }

    /// At most one vote a term (§3.4).
    boolean mayVote(@Nullable ReplicaId votedFor, ReplicaId candidate) {
        return votedFor == null || votedFor.equals(candidate);
    }

    /// Only for a log that holds everything the voter's holds (§3.6.1).
    boolean isUpToDate(Mark candidate, Mark voter) {
        return candidate.term() > voter.term()
                || (candidate.term() == voter.term() && candidate.index() >= voter.index());
    }

    /// True if a term is raised only after a majority said it would vote (§9.6).
    boolean asksBeforeStanding() {
        return true;
    }

    /// True if voters turn candidates away while they hear a leader (§4.2.3).
    boolean staysWithLeader() {
        return true;
    }

    /// True if a leader that hears no majority steps down (§6.2).
    boolean checksQuorum() {
        return true;
    }

    /// How many members decide.
    int quorum(int majority) {
        return majority;
    }

    /// True if a named first leader begins term 1 only where term 1 was never begun.
    boolean spendsFirstTerm() {
        return true;
    }

    /// What a follower vouches for: what survives its crash (§10.2.1).
    long acknowledged(long matched, long durable) {
        return Math.min(matched, durable);
    }

    /// What a leader counts for itself: what survives its own crash (§10.2.1).
    long countedForSelf(long durable, long last) {
        return durable;
    }

    /// Only entries of the leader's own term are committed by counting (§3.6.2).
    boolean mayCommit(long entryTerm, long currentTerm) {
        return entryTerm == currentTerm;
    }

    /// A follower commits no more than it has compared with the leader's log (§3.5).
    long committed(long leaderCommit, long matched, long last) {
        return Math.min(leaderCommit, matched);
    }

    /// Two logs are equal through equal marks (§3.5).
    boolean matches(Mark own, Mark leaders) {
        return own.equals(leaders);
    }

    /// A follower vouches for what it has compared with the leader's log, and not for what comes
    /// after that (§3.5): a heartbeat compares one entry.
    long toldMatched(long matched, long last) {
        return matched;
    }

    /// A leader goes back where a follower rejects, whether or not it has something to send (§3.5).
    boolean heedsRejection(boolean isIdle) {
        return true;
    }

    /// A leader is heard by followers that it can send no entries to.
    boolean speaksToWhoIsBehind() {
        return true;
    }

    /// Entries are removed only where they differ: an old `Append` is a prefix, not a verdict on
    /// what follows (§3.5).
    boolean removesWhatFollows() {
        return false;
    }

    /// True if a cut that is written in the journal cuts off what follows also where a snapshot
    /// covers the place of the cut.
    boolean cutsBelowSnapshot() {
        return true;
    }

    /// How many bytes of delivered entries are kept in memory.
    long kept(long windowBytes) {
        return windowBytes;
    }

    /// A batch that is in the log already is not appended again.
    boolean isRepeated(long sequence, long appended) {
        return sequence <= appended;
    }

    /// A batch is appended after the one that its origin names.
    boolean isInOrder(long after, long appended) {
        return after <= appended;
    }

    /// A leader knows what is committed only once an entry of its own term is (§6.4).
    boolean mayRead(long commit, long firstOfTerm) {
        return commit >= firstOfTerm;
    }

    /// True if a leader asks a majority whether it still leads before it answers a read (§6.4).
    boolean confirmsReads() {
        return true;
    }

    /// True if a read waits for a round that began after it arrived, not for one under way (§6.4).
    boolean readsInNextRound() {
        return true;
    }

    /// For how long a majority that was heard from elects nobody else (§6.4.1).
    long leaseNanos(long electionMinNanos, long driftBoundNanos) {
        return electionMinNanos - driftBoundNanos;
    }

    /// True if a leader that hands over gives up its lease first (§6.4.1).
    boolean endsLeaseAtTransfer() {
        return true;
    }

    /// Agreed time never goes back.
    long agreedTime(long previousNanos, long stampNanos) {
        return Math.max(previousNanos, stampNanos);
    }
}
