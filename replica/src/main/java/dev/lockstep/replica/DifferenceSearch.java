package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Finds the first command to which this replica and one of the majority gave different replies, by
/// asking that one for the chain after each of its last commands.
final class DifferenceSearch {

    private final CurrentReign current;
    private final PeerPort peers;
    private final RecentReplies recent;
    private final CommandHistory commands;
    private final ReplicaListener listener;

    /// Whom the question was for; null while there is none.
    private @Nullable ReplicaId asked;

    /// The first position that was asked for: before it both had the same.
    private long askedFrom;

    private @Nullable FirstDifference found;

    DifferenceSearch(
            CurrentReign current,
            PeerPort peers,
            RecentReplies recent,
            CommandHistory commands,
            ReplicaListener listener) {
        this.current = current;
        this.peers = peers;
        this.recent = recent;
        this.commands = commands;
        this.listener = listener;
    }

    /// What was found; null if nothing was.
    @Nullable FirstDifference found() {
        return found;
    }

    /// This replica's chain is not that of `peer` at `through`, as it was at `agreedThrough`.
    void begin(ReplicaId peer, long agreedThrough, long through) {
        asked = peer;
        askedFrom = agreedThrough + 1;
        ReplyFrames.Span span = new ReplyFrames.Span(askedFrom, through);
        peers.send(peer, ReplyFrames.needReplies(current.epoch(), span), Bytes.EMPTY, 0);
    }

    /// Another replica searches.
    void onNeeded(ReplicaId from, ReplyFrames.Span span) {
        long first = Math.max(span.first(), recent.completeFrom());
        ReplyFrames.Span told = new ReplyFrames.Span(first, Math.max(first, span.last()));
        ReplyFrames.Replies replies =
                new ReplyFrames.Replies(told, recent.range(told.first(), told.last()));
        peers.send(from, ReplyFrames.replies(current.epoch(), replies), Bytes.EMPTY, 0);
    }

    /// The answer.
    void onReplies(ReplicaId from, ReplyFrames.Replies theirs) {
        if (!from.equals(asked)) {
            return;
        }
        asked = null;
        // What either has forgotten, or has in a snapshot and did not execute, is not compared.
        long first = Math.max(theirs.span().first(), recent.completeFrom());
        List<RecentReplies.Replied> own = recent.range(first, theirs.span().last());
        List<RecentReplies.Replied> other =
                theirs.replied().stream().filter(each -> each.position() >= first).toList();
        for (int i = 0; i < Math.min(own.size(), other.size()); i++) {
            if (own.get(i).chain() != other.get(i).chain()) {
                // Otherwise it may have been before.
                if (i > 0 || isEqualBefore(first, theirs)) {
                    tell(own.get(i), from, other.get(i).chain());
                }
                return;
            }
        }
        boolean isComplete = own.size() == other.size() && !own.isEmpty();
        if (isComplete) {
            listener.onNoDifference(from, first, theirs.span().last());
        }
    }

    /// True if both are known to have had the same chain before the first command at or after
    /// `first`.
    private boolean isEqualBefore(long first, ReplyFrames.Replies theirs) {
        if (first == askedFrom) {
            return true;
        }
        List<RecentReplies.Replied> before =
                theirs.replied().stream().filter(each -> each.position() < first).toList();
        return !before.isEmpty() && before.getLast().chain() == recent.chainBefore(first);
    }

    private void tell(RecentReplies.Replied own, ReplicaId peer, long peerChain) {
        FirstDifference difference = new FirstDifference(commands.inWords(own), peer, peerChain);
        found = difference;
        listener.onFirstDifference(difference);
    }
}
