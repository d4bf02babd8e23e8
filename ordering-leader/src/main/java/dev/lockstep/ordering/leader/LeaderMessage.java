package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ProtocolMessage;
import dev.lockstep.core.StopSign;

import java.util.List;

/// What the members of a leader-ordered epoch send each other.
///
/// | message | from | to | what it says |
/// |---|---|---|---|
/// | [Append] | leader | follower | entries after a mark, commit index, pulse; empty: a heartbeat |
/// | [AppendAck] | follower | leader | my log equals yours so far, and so much of it is durable |
/// | [AppendReject] | follower | leader | I do not hold the mark, or a payload you referred to |
/// | [Behind] | leader | follower | I hold your next entries no more: fetch history |
/// | [PreVote], [PreVoteReply] | anyone | anyone | would you vote for me? |
/// | [RequestVote], [Vote] | candidate, voter | voter, candidate | the election |
/// | [TimeoutNow] | leader | follower | stand for election at once, you hold everything |
/// | [Forward], [ProposeStop] | follower | leader | please order this |
/// | [ReadRequest], [ReadReply] | follower, leader | leader, follower | a read barrier |
///
/// Every message carries its sender's term, except that [PreVote] and [PreVoteReply] speak of a
/// term that nobody has entered.
public sealed interface LeaderMessage extends ProtocolMessage {

    /// The sender's term.
    long term();

    @Override
    default String brief() {
        String name = getClass().getSimpleName();
        String what =
                switch (this) {
                    case Append append -> brief(append);
                    case AppendAck ack -> ack.durable() + " of " + ack.matched();
                    case AppendReject reject -> reject.rejectedIndex() + ", try " + reject.hint();
                    case Behind behind -> "from " + behind.firstIndex();
                    case PreVote vote -> "last " + vote.last();
                    case PreVoteReply reply -> reply.granted() ? "yes" : "no";
                    case RequestVote request -> "last " + request.last();
                    case Vote vote -> vote.granted() ? "yes" : "no";
                    case TimeoutNow _ -> "";
                    case Forward forward -> forward.batch().id().toString();
                    case ProposeStop _ -> "";
                    case ReadRequest request -> "#" + request.barrier();
                    case ReadReply reply -> "#" + reply.barrier() + " at " + reply.index();
                };
        return name + " t" + term() + (what.isEmpty() ? "" : " " + what);
    }

    private static String brief(Append append) {
        long previous = append.previous().index();
        int count = append.entries().size();
        String which =
                switch (count) {
                    case 0 -> "beat";
                    case 1 -> Long.toString(previous + 1);
                    default -> previous + 1 + ".." + (previous + count);
                };
        return which + " c" + append.commit();
    }

    /// What rides on everything that a leader sends to a follower.
    ///
    /// @param round the latest read round the leader has begun in this term
    /// @param sentNanos the leader's monotonic clock, to be echoed
    /// @param roundTripNanos the leader's measurement, for the follower's election timeout
    /// @param wantsAck true if the follower is to acknowledge at once, whatever is durable
    record Pulse(long round, long sentNanos, long roundTripNanos, boolean wantsAck) {}

    /// What rides on everything that a follower answers to a leader.
    ///
    /// @param round the latest read round the follower has heard of
    /// @param sentNanos the latest `sentNanos` it has heard from this leader
    /// @param wallNanos its wall clock
    record Echo(long round, long sentNanos, long wallNanos) {}

    /// Entries that follow `previous` in the leader's log, possibly none.
    ///
    /// @param commit the leader's commit index
    record Append(long term, Mark previous, long commit, Pulse pulse, List<AppendedEntry> entries)
            implements LeaderMessage {
        public Append {
            entries = List.copyOf(entries);
        }
    }

    /// The follower's log equals the leader's.
    ///
    /// @param matched through here, as verified in this term
    /// @param durable through here, and this part survives a crash; at most `matched`
    record AppendAck(long term, long matched, long durable, Echo echo) implements LeaderMessage {}

    /// The follower could not take an `Append`.
    ///
    /// @param rejectedIndex the index of the mark that it does not hold, or the index before the
    ///     entry whose payload it lacks
    /// @param hint the last mark at which the logs may be equal
    /// @param needsPayload true if only a payload is missing that the leader referred to by name
    record AppendReject(long term, long rejectedIndex, Mark hint, boolean needsPayload, Echo echo)
            implements LeaderMessage {}

    /// The leader holds nothing below `firstIndex` in memory.
    record Behind(long term, long firstIndex, Pulse pulse) implements LeaderMessage {}

    /// Would you vote for me in `term`?
    ///
    /// @param term the term that the sender would enter
    /// @param last the last mark of the sender's log
    record PreVote(long term, Mark last) implements LeaderMessage {}

    /// The answer to a [PreVote].
    ///
    /// @param term the term that was asked about if granted, else the voter's own
    record PreVoteReply(long term, boolean granted, long wallNanos) implements LeaderMessage {}

    /// Vote for me.
    ///
    /// @param last the last mark of the candidate's log
    /// @param transfer true if the leader itself asked the candidate to stand
    record RequestVote(long term, Mark last, boolean transfer) implements LeaderMessage {}

    /// The vote, sent when it is durable, or a refusal.
    record Vote(long term, boolean granted, long wallNanos) implements LeaderMessage {}

    /// Stand for election at once.
    record TimeoutNow(long term) implements LeaderMessage {}

    /// A batch to be ordered.
    ///
    /// @param after the sequence of the batch before it among those that its origin still waits
    ///     for, or 0 if it waits for none before it. The leader appends the batch only after that
    ///     one, which keeps the origin's order whatever the network does.
    record Forward(long term, long after, Batch batch) implements LeaderMessage {}

    /// A stop sign to be ordered.
    record ProposeStop(long term, StopSign sign) implements LeaderMessage {}

    /// Which index covers everything acknowledged until now?
    ///
    /// @param asker a random number of the asker's boot, so that no answer to an earlier boot's
    ///     request is taken for this one's
    record ReadRequest(long term, long barrier, long asker) implements LeaderMessage {}

    /// The answer to a [ReadRequest], and to all with a lower barrier.
    ///
    /// @param asker as in the request
    /// @param index an index that the leader has committed
    record ReadReply(long term, long barrier, long asker, long index) implements LeaderMessage {}
}
