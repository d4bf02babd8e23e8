package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.replica.ReplicaListener;

import java.util.SortedMap;
import java.util.TreeMap;

/// What Raft promises, for ever and whatever happens to processes in between, seen from outside in
/// what members say: one vote a member and term, one leader a term, and whoever starts again
/// remembers the terms that it spoke of and all that it acknowledged as durable. And that a batch
/// which was forwarded again is ordered once.
///
/// All of it holds for one epoch: who lost its disk is a member again in a later one only.
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

    /// By member: the latest term of which it spoke as the one that it is in.
    private final TreeMap<ReplicaId, Term> spoken = new TreeMap<>();

    /// By member: what it acknowledged last.
    private final TreeMap<ReplicaId, Acknowledged> acknowledged = new TreeMap<>();

    /// Through `durable` a member's log survives a crash and is that of the leader of `term`.
    private record Acknowledged(Term term, long durable) {}

    ReplicaListener boot(ReplicaId id) {
        return new ReplicaListener() {
            private long epoch;

            @Override
            public void onEpoch(Reign reign) {
                epoch = reign.epoch().value();
            }

            /// What the journal has given back is all that a member knows here.
            @Override
            public void onTakesPart(OrderingStatus protocol) {
                SortedMap<String, String> details = protocol.details().read();
                if (details.containsKey("term")) {
                    Term term = new Term(epoch, Long.parseLong(details.get("term")));
                    remembers(id, term, Long.parseLong(details.get("last")));
                }
            }

            /// Only another epoch may bring a batch again.
            @Override
            public void onRepeated(long position, BatchId batch) {
                throw new AssertionError("a batch is ordered once: " + batch + " at " + position);
            }

            @Override
            public void onSent(ReplicaId to, ProtocolMessage message, int frameBytes) {
                if (message instanceof LeaderMessage said && !isOfAnotherTerm(said)) {
                    spoken.merge(id, new Term(epoch, said.term()), LeaderChecks::later);
                }
                switch (message) {
                    case LeaderMessage.Append append -> onLeads(id, new Term(epoch, append.term()));
                    case LeaderMessage.RequestVote request ->
                            onVoted(id, new Term(epoch, request.term()), id);
                    case LeaderMessage.Vote vote when vote.granted() ->
                            onVoted(id, new Term(epoch, vote.term()), to);
                    case LeaderMessage.AppendAck ack ->
                            onAcknowledged(id, new Term(epoch, ack.term()), ack.durable());
                    default -> {}
                }
            }
        };
    }

    private static boolean isOfAnotherTerm(LeaderMessage message) {
        return message instanceof LeaderMessage.PreVote
                || message instanceof LeaderMessage.PreVoteReply;
    }

    private static Term later(Term one, Term other) {
        return one.compareTo(other) < 0 ? other : one;
    }

    private void onAcknowledged(ReplicaId id, Term term, long durable) {
        Acknowledged before = acknowledged.get(id);
        if (before == null || !before.term.equals(term) || before.durable < durable) {
            acknowledged.put(id, new Acknowledged(term, durable));
        }
    }

    private void remembers(ReplicaId id, Term term, long last) {
        Term before = spoken.getOrDefault(id, term);
        if (before.epoch == term.epoch && before.number > term.number) {
            throw new AssertionError(
                    "a member remembers its term: %s was in %s and starts in %s"
                            .formatted(id, before, term));
        }
        Acknowledged held = acknowledged.get(id);
        // In a later term its log may have given way to another leader's.
        if (held != null && held.term.equals(term) && held.durable > last) {
            throw new AssertionError(
                    "what a member acknowledged as durable stays: %s acknowledged %d in term %s and starts with %d"
                            .formatted(id, held.durable, term, last));
        }
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
