package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

/// Says again what may have been lost (§4.9).
final class Repeats {

    private final Post post;
    private final Safety safety;
    private final View view;
    private final Chain chain;
    private final Commits commits;
    private final ViewChange viewChange;
    private final SecondVotes secondVotes;

    Repeats(
            Post post,
            Safety safety,
            View view,
            Chain chain,
            Commits commits,
            ViewChange viewChange,
            SecondVotes secondVotes) {
        this.post = post;
        this.safety = safety;
        this.view = view;
        this.chain = chain;
        this.commits = commits;
        this.viewChange = viewChange;
        this.secondVotes = secondVotes;
    }

    ByzantineMessage.SyncInfo syncInfo() {
        return new ByzantineMessage.SyncInfo(
                safety.timeoutCertificate, safety.highQc1(), commits.highest());
    }

    void sayAgain() {
        post.broadcast(syncInfo());
        ByzantineMessage.@Nullable Timeout timeout = timeout();
        if (timeout != null) {
            post.broadcast(timeout);
        }
        view.messagesFrom(Math.max(1, safety.lastVote1())).forEach(post::broadcast);
        ByzantineMessage.@Nullable Vote2 vote2 = secondVotes.last();
        if (vote2 != null) {
            post.broadcast(vote2);
        }
    }

    /// Everything that a member must know which was not there: all first votes of the view that are
    /// not committed, since one of them may show that its leader proposes two blocks.
    void sayAgainTo(ReplicaId peer) {
        post.send(peer, syncInfo());
        ByzantineMessage.@Nullable Timeout timeout = timeout();
        if (timeout != null) {
            post.send(peer, timeout);
        }
        Rank committed = chain.rank();
        int from = committed.view() == safety.view ? committed.seq() + 1 : 1;
        view.messagesFrom(from).forEach(message -> post.send(peer, message));
        ByzantineMessage.@Nullable Vote2 vote2 = secondVotes.last();
        if (vote2 != null) {
            post.send(peer, vote2);
        }
    }

    private ByzantineMessage.@Nullable Timeout timeout() {
        ByzantineMessage.@Nullable Timeout last = viewChange.last();
        return last != null && last.view() >= safety.view ? last : null;
    }
}
