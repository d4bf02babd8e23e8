package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import java.util.TreeMap;

/// What Raft promises about elections, seen from outside in what members say: one vote a member and
/// term, one leader a term, for ever and whatever happens to processes in between. And that a batch
/// which was forwarded again is ordered once.
final class LeaderChecks {

    /// A term, of one epoch.
    private record Term(long epoch, long number) implements Comparable<Term> {
        @Override
        public int compareTo(Term other) {
            int byEpoch = Long.compare(epoch, other.epoch);
            return byEpoch != 0 ? byEpoch : Long.compare(number, other.number);
        }

        @Override
        public String toString() {
            return number + " of epoch " + epoch;
        }
    }

    /// By term: who led it.
    private final TreeMap<Term, ReplicaId> leaders = new TreeMap<>();

    /// By member and term: whom it voted for.
    private final TreeMap<ReplicaId, TreeMap<Term, ReplicaId>> votes = new TreeMap<>();

    ReplicaListener boot(ReplicaId id) {
        return new ReplicaListener() {
            private long epoch;

            @Override
            public void onEpoch(Reign reign) {
                epoch = reign.epoch().value();
            }

            /// Only another epoch may bring a batch again.
            @Override
            public void onRepeated(long position, BatchId batch) {
                throw new AssertionError("a batch is ordered once: " + batch + " at " + position);
            }

            @Override
            public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
                switch (message) {
                    case LeaderMessage.Append append -> onLeads(id, new Term(epoch, append.term()));
                    case LeaderMessage.RequestVote request ->
                            onVoted(id, new Term(epoch, request.term()), id);
                    case LeaderMessage.Vote vote when vote.granted() ->
                            onVoted(id, new Term(epoch, vote.term()), to);
                    default -> {}
                }
            }
        };
    }

    private void onLeads(ReplicaId id, Term term) {
        ReplicaId known = leaders.putIfAbsent(term, id);
        if (known != null && !known.equals(id)) {
            throw new AssertionError(
                    "term " + term + " has one leader: " + known + " and " + id + " lead it");
        }
    }

    private void onVoted(ReplicaId voter, Term term, ReplicaId candidate) {
        ReplicaId known =
                votes.computeIfAbsent(voter, _ -> new TreeMap<>()).putIfAbsent(term, candidate);
        if (known != null && !known.equals(candidate)) {
            throw new AssertionError(
                    "a member votes once in a term: %s voted for %s and %s in term %s"
                            .formatted(voter, known, candidate, term));
        }
    }
}
