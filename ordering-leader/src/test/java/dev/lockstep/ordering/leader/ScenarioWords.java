package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.leader.LeaderMessage.Append;
import dev.lockstep.ordering.leader.LeaderMessage.AppendAck;
import dev.lockstep.ordering.leader.LeaderMessage.AppendReject;
import dev.lockstep.ordering.leader.LeaderMessage.Behind;
import dev.lockstep.ordering.leader.LeaderMessage.Forward;
import dev.lockstep.ordering.leader.LeaderMessage.PreVote;
import dev.lockstep.ordering.leader.LeaderMessage.PreVoteReply;
import dev.lockstep.ordering.leader.LeaderMessage.ProposeStop;
import dev.lockstep.ordering.leader.LeaderMessage.ReadReply;
import dev.lockstep.ordering.leader.LeaderMessage.ReadRequest;
import dev.lockstep.ordering.leader.LeaderMessage.RequestVote;
import dev.lockstep.ordering.leader.LeaderMessage.TimeoutNow;
import dev.lockstep.ordering.leader.LeaderMessage.Vote;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Messages and records in the words of somebody who knows Raft. An entry is its index with its
/// term in brackets: `4(t2)`.
final class ScenarioWords {

    private ScenarioWords() {}

    static String of(LeaderMessage message) {
        return switch (message) {
            case Append append -> append(append);
            case AppendAck ack ->
                    "AppendAck term=%d matched=%d durable=%d%s"
                            .formatted(
                                    ack.term(),
                                    ack.matched(),
                                    ack.durable(),
                                    round(ack.echo().round()));
            case AppendReject reject ->
                    "AppendReject term=%d rejected=%d hint=%s%s%s"
                            .formatted(
                                    reject.term(),
                                    reject.rejectedIndex(),
                                    mark(reject.hint()),
                                    reject.needsPayload() ? " lacks the payload" : "",
                                    round(reject.echo().round()));
            case Behind behind ->
                    "Behind term=%d first=%d".formatted(behind.term(), behind.firstIndex());
            case PreVote question ->
                    "PreVote term=%d last=%s".formatted(question.term(), mark(question.last()));
            case PreVoteReply reply ->
                    "PreVoteReply %s term=%d".formatted(verdict(reply.granted()), reply.term());
            case RequestVote request ->
                    "RequestVote term=%d last=%s%s"
                            .formatted(
                                    request.term(),
                                    mark(request.last()),
                                    request.transfer() ? " at the leader's wish" : "");
            case Vote vote -> "Vote %s term=%d".formatted(verdict(vote.granted()), vote.term());
            case TimeoutNow timeout -> "TimeoutNow term=" + timeout.term();
            case Forward forward ->
                    "Forward term=%d batch=%d%s"
                                    .formatted(
                                            forward.term(),
                                            forward.batch().id().sequence(),
                                            forward.after() == 0 ? "" : " after=" + forward.after())
                            + text(forward.batch());
            case ProposeStop stop -> "ProposeStop term=" + stop.term();
            case ReadRequest request ->
                    "ReadRequest term=%d read=%d".formatted(request.term(), request.barrier());
            case ReadReply reply ->
                    "ReadReply term=%d read=%d index=%d"
                            .formatted(reply.term(), reply.barrier(), reply.index());
        };
    }

    private static String append(Append append) {
        String entries =
                append.entries().stream()
                        .map(ScenarioWords::appended)
                        .collect(Collectors.joining(" "));
        return "Append term=%d prev=%s entries=[%s] commit=%d%s"
                .formatted(
                        append.term(),
                        mark(append.previous()),
                        entries,
                        append.commit(),
                        round(append.pulse().round()));
    }

    private static String appended(AppendedEntry entry) {
        return switch (entry) {
            case LogEntry whole -> entry(whole);
            case AppendedEntry.Reference reference -> mark(reference.mark()) + " by name";
        };
    }

    private static String round(long round) {
        return round == 0 ? "" : " round=" + round;
    }

    private static String verdict(boolean granted) {
        return granted ? "granted" : "denied";
    }

    static String mark(Mark mark) {
        return mark.index() == 0 ? "0" : mark.index() + "(t" + mark.term() + ")";
    }

    static String entry(LogEntry entry) {
        return mark(entry.mark())
                + switch (entry.purpose()) {
                    case BATCH -> text(entry.batch());
                    case SIGN -> " stop sign";
                    case CLOSING -> " closing";
                };
    }

    /// The payload in quotation marks, after a blank; nothing if it is empty.
    static String text(Batch batch) {
        if (batch.payload().isEmpty()) {
            return "";
        }
        String text = new String(batch.payload().toByteArray(), StandardCharsets.UTF_8);
        return " \"" + text + "\"";
    }

    static String record(LeaderRecord record) {
        return switch (record) {
            case LeaderRecord.Term term -> term(term.term(), term.votedFor());
            case LeaderRecord.Entry entry -> entry(entry.entry());
            case LeaderRecord.Truncated truncated -> "Truncated(" + truncated.fromIndex() + ")";
            case LeaderRecord.Committed committed -> "Committed(" + committed.index() + ")";
        };
    }

    static String term(long term, @Nullable ReplicaId vote) {
        return vote == null ? "Term(" + term + ")" : "Term(" + term + ", vote " + vote + ")";
    }

    /// What a timer is called in commands.
    static String timer(LeaderTimer timer) {
        return timer.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String millis(long nanos) {
        double millis = nanos / 1e6;
        String format = millis < 10 ? "%.1f ms" : "%.0f ms";
        return format.formatted(millis);
    }

    static String count(int count, String one, String many) {
        return count == 1 ? "1 " + one : count + " " + many;
    }

    static List<String> orElse(List<String> lines, String otherwise) {
        return lines.isEmpty() ? List.of(otherwise) : lines;
    }
}
