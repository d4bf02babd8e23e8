package dev.lockstep.ordering.leader;

import dev.lockstep.core.Invariant;
import dev.lockstep.ordering.leader.LeaderMessage.ReadReply;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.SortedMap;

/// A leader's linearizable reads (§6.4): what was committed when a read arrived covers it, if this
/// member still leads after it arrived.
///
/// All reads that arrive before a round begins share it. A round's number rides on every `Append`;
/// a majority that has heard of it confirms it. A few rounds may be under way at once.
final class ReadRounds {

    /// No more rounds are under way than this; reads that come meanwhile share the next one.
    private static final int MOST_UNDER_WAY = 4;

    /// @param round answers when this is confirmed
    /// @param rank who asks
    /// @param barrier the asker's number, covering its lower ones
    /// @param asker the asker's boot
    private record Waiting(long round, int rank, long barrier, long asker) {}

    private final Setup setup;
    private final Turn turn;
    private final Standing standing;
    private final Delivery delivery;
    private final Sequencer sequencer;
    private final ReadRequests own;

    /// Ascending by round; those of `begun + 1` wait for their round to begin.
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /// The commit index at the beginning of each round under way, by round modulo the length.
    private final long[] indices = new long[MOST_UNDER_WAY + 1];

    /// The last round begun in this term.
    private long begun;

    /// The last round confirmed; at most `begun`.
    private long confirmed;

    /// Rounds begun since the process started, in all terms.
    private long begunInAll;

    /// How often reads were answered without a round since the process started.
    private long spared;

    ReadRounds(
            Setup setup,
            Turn turn,
            Standing standing,
            Delivery delivery,
            Sequencer sequencer,
            ReadRequests own) {
        this.setup = setup;
        this.turn = turn;
        this.standing = standing;
        this.delivery = delivery;
        this.sequencer = sequencer;
        this.own = own;
    }

    /// A new term: rounds count from 1. Whoever waits asks again.
    void restart() {
        waiting.clear();
        begun = 0;
        confirmed = 0;
        Arrays.fill(indices, 0);
    }

    /// The last round begun: what rides on every message.
    long begun() {
        return begun;
    }

    boolean isUnderWay() {
        return confirmed < begun;
    }

    /// Somebody wants to read. Per asker the latest barrier of a round stands for all.
    void add(int rank, long barrier, long asker) {
        long round = setup.rules().readsInNextRound() || !isUnderWay() ? begun + 1 : begun;
        Iterator<Waiting> latest = waiting.descendingIterator();
        while (latest.hasNext()) {
            Waiting other = latest.next();
            if (other.round() != round) {
                break;
            }
            if (other.rank() == rank) {
                if (other.asker() == asker && other.barrier() >= barrier) {
                    return;
                }
                latest.remove();
                break;
            }
        }
        waiting.addLast(new Waiting(round, rank, barrier, asker));
    }

    /// Begins a round if reads wait for one; answers at once, without a round, if the lease holds.
    void begin(boolean leaseHolds) {
        boolean isWanted = !waiting.isEmpty() && waiting.getLast().round() > begun;
        long commit = delivery.commit();
        if (!isWanted || !setup.rules().mayRead(commit, sequencer.firstOfTerm())) {
            return;
        }
        if (leaseHolds || !setup.rules().confirmsReads() || setup.quorum() <= 1) {
            spared++;
            answerAll(commit);
        } else if (begun - confirmed < MOST_UNDER_WAY) {
            begun++;
            begunInAll++;
            indices[slot(begun)] = commit;
        }
    }

    /// What is committed now covers also those whose round is under way: they came before.
    private void answerAll(long commit) {
        while (!waiting.isEmpty()) {
            answer(waiting.removeFirst(), commit);
        }
    }

    /// A majority has heard of `round` in this term.
    void confirm(long round) {
        Invariant.check(round <= begun, "only rounds that began are confirmed", round);
        confirmed = Math.max(confirmed, round);
        while (!waiting.isEmpty() && waiting.getFirst().round() <= confirmed) {
            Waiting first = waiting.removeFirst();
            answer(first, indices[slot(first.round())]);
        }
    }

    private void answer(Waiting reader, long index) {
        if (reader.rank() == setup.rank()) {
            own.onAnswer(reader.barrier(), index);
        } else {
            turn.send(
                    setup.idAt(reader.rank()),
                    new ReadReply(standing.term(), reader.barrier(), reader.asker(), index));
        }
    }

    /// For people: how many rounds there were, and how many the lease spared.
    void describe(SortedMap<String, String> details) {
        details.put("read rounds", Long.toString(begunInAll));
        details.put("read rounds spared", Long.toString(spared));
    }

    private int slot(long round) {
        return (int) (round % indices.length);
    }
}
