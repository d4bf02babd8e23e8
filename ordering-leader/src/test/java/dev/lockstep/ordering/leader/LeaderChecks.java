package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import java.util.TreeMap;

/// What Raft promises about elections, seen from outside in what members say: one vote a member and
/// term, one leader a term, for ever and whatever happens to processes in between. And that a batch
/// which was forwarded again is ordered once.
final class LeaderChecks {

    /// By term: who led it.
    private final TreeMap<Long, ReplicaId> leaders = new TreeMap<>();

    /// By member and term: whom it voted for.
    private final TreeMap<ReplicaId, TreeMap<Long, ReplicaId>> votes = new TreeMap<>();

    ReplicaListener boot(ReplicaId id) {
        return new ReplicaListener() {
            /// Only another epoch may bring a batch again.
            @Override
            public void onRepeated(long position, BatchId batch) {
                throw new AssertionError("a batch is ordered once: " + batch + " at " + position);
            }

            @Override
            public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
                switch (message) {
                    case LeaderMessage.Append append -> onLeads(id, append.term());
                    case LeaderMessage.RequestVote request -> onVoted(id, request.term(), id);
                    case LeaderMessage.Vote vote when vote.granted() ->
                            onVoted(id, vote.term(), to);
                    default -> {}
                }
            }
        };
    }

    private void onLeads(ReplicaId id, long term) {
        ReplicaId known = leaders.putIfAbsent(term, id);
        if (known != null && !known.equals(id)) {
            throw new AssertionError(
                    "term " + term + " has one leader: " + known + " and " + id + " lead it");
        }
    }

    private void onVoted(ReplicaId voter, long term, ReplicaId candidate) {
        ReplicaId known =
                votes.computeIfAbsent(voter, _ -> new TreeMap<>()).putIfAbsent(term, candidate);
        if (known != null && !known.equals(candidate)) {
            throw new AssertionError(
                    "a member votes once in a term: %s voted for %s and %s in term %d"
                            .formatted(voter, known, candidate, term));
        }
    }
}
