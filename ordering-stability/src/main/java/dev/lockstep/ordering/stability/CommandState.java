package dev.lockstep.ordering.stability;

import org.jspecify.annotations.Nullable;

/// What this member knows of one command and has said of it.
final class CommandState {

    final CommandId id;

    /// Null while only the name is known.
    @Nullable Command command;

    /// What this member has said. Changed by [Commands#save] and its callers.
    Vote vote = Vote.NONE;

    /// The record with the command; 0 before there is one.
    long commandSequence;

    /// The record with the vote; 0 before there is one.
    long voteSequence;

    /// True while the fast decision is on its way to the disk: nothing is answered about the
    /// command.
    boolean isDeciding;

    /// While this member is its coordinator and proposes it.
    @Nullable Proposal proposal;

    /// While this member has a ballot of its own for it.
    @Nullable Attempt attempt;

    /// By rank, one bit each: who has the command for certain.
    long holders;

    /// When it was first heard of; monotonic.
    final long knownSince;

    /// When it was last heard of or acted upon; monotonic.
    long since;

    /// Not recovered before; monotonic.
    long patientUntil;

    /// Ballots of this member that were refused, one after the other, without silence in between.
    int refusals;

    /// Ballots that this member has begun.
    int begun;

    /// Since when it has been left to others, as was found last; monotonic.
    long leftSince;

    /// How many ballots this member had begun by then.
    int begunBefore;

    /// The highest ballot that anybody was seen to have promised.
    long ballotSeen;

    /// Where it was executed; 0 before.
    long position;

    CommandState(CommandId id, long now) {
        this.id = id;
        this.knownSince = now;
        this.since = now;
    }

    boolean isDecided() {
        return vote.decided() != 0 && !isDeciding;
    }

    boolean isExecuted() {
        return position > 0;
    }

    /// True if somebody is known to have promised more than this member's ballot.
    boolean isRefused() {
        Attempt current = attempt;
        return current != null && ballotSeen > current.ballot;
    }

    /// True if this member has a ballot that it may go on with.
    boolean hasBallot() {
        Attempt current = attempt;
        return current != null && vote.ballot() == current.ballot && !isRefused();
    }

    /// The command at its unique id.
    Mark mark() {
        return new Mark(vote.decided(), id);
    }

    /// The coordinator's side of the fast path.
    static final class Proposal {
        /// By rank; 0 where there is none.
        final long[] candidates;

        final long sentNanos;

        Proposal(int members, long sentNanos) {
            this.candidates = new long[members];
            this.sentNanos = sentNanos;
        }

        /// By rank, one bit each: who has answered.
        long answered() {
            long answered = 0;
            for (int rank = 0; rank < candidates.length; rank++) {
                answered |= candidates[rank] == 0 ? 0 : 1L << rank;
            }
            return answered;
        }

        /// The largest candidate of these members.
        long largest(long quorum) {
            long largest = 0;
            for (int rank = 0; rank < candidates.length; rank++) {
                boolean isOne = (quorum & 1L << rank) != 0;
                largest = isOne ? Math.max(largest, candidates[rank]) : largest;
            }
            return largest;
        }

        /// How many of these members have made a candidate.
        int holders(long quorum, long candidate) {
            int holders = 0;
            for (int rank = 0; rank < candidates.length; rank++) {
                boolean isOne = (quorum & 1L << rank) != 0;
                holders += isOne && candidates[rank] == candidate ? 1 : 0;
            }
            return holders;
        }
    }

    /// A ballot of this member.
    static final class Attempt {
        final long ballot;

        /// By rank: answers to the recovery.
        final @Nullable Vote[] votes;

        /// How often it was asked again, or proposed again.
        int repeats;

        /// The value proposed; 0 before one is chosen.
        long timestamp;

        /// By rank, one bit each: who accepted it.
        long accepted;

        Attempt(long ballot, int members) {
            this.ballot = ballot;
            this.votes = new @Nullable Vote[members];
        }
    }
}
