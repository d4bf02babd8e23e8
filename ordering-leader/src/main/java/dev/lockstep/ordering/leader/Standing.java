package dev.lockstep.ordering.leader;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

/// Where this member stands: its term, its vote, its role, and whom it follows (§3.3).
///
/// Term and vote are durable before anything that depends on them leaves ([Turn#send]).
final class Standing {

    /// What a member does at the moment.
    enum Role {
        /// Takes a leader's entries, or waits for one to appear.
        FOLLOWER,
        /// Asks whether others would vote for it (§9.6). No term was raised.
        PRE_CANDIDATE,
        /// Asks for votes in a term that it raised.
        CANDIDATE,
        /// Orders batches in its term.
        LEADER
    }

    private final Turn turn;
    private final Rules rules;
    private final ReplicaId self;

    /// The highest term heard of; never falls. 0 until the epoch's start is recorded.
    private long term;

    /// Whom this member voted for in `term`; never changes within a term once set.
    private @Nullable ReplicaId votedFor;

    /// Changed by the transitions below.
    private Role role = Role.FOLLOWER;

    /// The leader of `term`, once known; null for candidates.
    private @Nullable ReplicaId leader;

    Standing(Setup setup, Turn turn) {
        this.turn = turn;
        this.rules = setup.rules();
        this.self = setup.self();
    }

    long term() {
        return term;
    }

    @Nullable ReplicaId votedFor() {
        return votedFor;
    }

    Role role() {
        return role;
    }

    @Nullable ReplicaId leader() {
        return leader;
    }

    boolean isLeader() {
        return role == Role.LEADER;
    }

    /// The last of these counts.
    void onReplayed(LeaderRecord.Term record, long sequence) {
        Invariant.check(record.term() >= term, "terms ascend in the journal", record.term(), term);
        term = record.term();
        votedFor = record.votedFor();
        turn.onTermRecord(sequence);
    }

    /// Enters a higher term, voting for `candidate` if that is not null.
    void enterTerm(long higher, @Nullable ReplicaId candidate) {
        Invariant.check(higher > term, "terms ascend", higher, term);
        term = higher;
        votedFor = candidate;
        role = Role.FOLLOWER;
        leader = null;
        record();
    }

    /// Votes in the current term.
    void vote(ReplicaId candidate) {
        Invariant.check(role != Role.LEADER, "a leader voted for itself");
        votedFor = candidate;
        record();
    }

    /// Writes term and vote, again if older records are about to be dropped; returns the sequence.
    long record() {
        ReplicaId vote = rules.recordsVotes() ? votedFor : null;
        long sequence = turn.persist(new LeaderRecord.Term(term, vote));
        turn.onTermRecord(sequence);
        return sequence;
    }

    /// Follows the leader of the current term, or waits for one if `of` is null.
    void follow(@Nullable ReplicaId of) {
        role = Role.FOLLOWER;
        leader = of;
    }

    void becomePreCandidate() {
        Invariant.check(role != Role.LEADER, "a leader does not stand for election");
        role = Role.PRE_CANDIDATE;
        leader = null;
    }

    /// Raises the term and votes for itself (§3.4).
    void becomeCandidate() {
        enterTerm(term + 1, self);
        role = Role.CANDIDATE;
    }

    /// Won the current term, or was named for it.
    void becomeLeader() {
        Invariant.check(self.equals(votedFor), "a leader voted for itself");
        role = Role.LEADER;
        leader = self;
    }
}
