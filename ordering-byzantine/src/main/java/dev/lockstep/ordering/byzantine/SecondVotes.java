package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// VOTE2: this member holds a lock (§4.5).
final class SecondVotes {

    private final Setup setup;
    private final Turn turn;
    private final Post post;
    private final Safety safety;
    private final View view;
    private final Chain chain;
    private final Headers headers;
    private final CatchUp catchUp;
    private final Ledger ledger;
    private final Votes firstVotes;
    private final Votes votes;
    private final SignedBytes signed;

    /// Until then time alone makes no second vote ready.
    private long distrustedUntil = Long.MIN_VALUE;

    private long guardTimerAt = Long.MAX_VALUE;

    /// The last one, to be said again; null before the first.
    private ByzantineMessage.@Nullable Vote2 last;

    SecondVotes(
            Setup setup,
            Turn turn,
            Post post,
            Safety safety,
            View view,
            Chain chain,
            Headers headers,
            CatchUp catchUp,
            Ledger ledger,
            Votes firstVotes,
            Votes votes) {
        this.setup = setup;
        this.turn = turn;
        this.post = post;
        this.safety = safety;
        this.view = view;
        this.chain = chain;
        this.headers = headers;
        this.catchUp = catchUp;
        this.ledger = ledger;
        this.firstVotes = firstVotes;
        this.votes = votes;
        this.signed = setup.signedBytes();
    }

    void distrust() {
        distrustedUntil = turn.monotonicNanos() + setup.commitRule().distrustNanos();
    }

    /// The guard is looked at here only, after all that the step brought is taken in: an
    /// equivocation that arrives with a lock is known before the lock counts (F3).
    ///
    /// @return true if anything was voted for
    boolean advance() {
        if (!view.isActive() || safety.isSilent()) {
            return false;
        }
        List<BlockRef> cast = new ArrayList<>();
        for (BlockRef block : lockedBlocks()) {
            Guard guard = guard(block);
            if (!setup.commitRule().isSecondVoteReady(guard)) {
                awaitGuard(guard);
                break;
            }
            cast.add(block);
        }
        if (cast.isEmpty()) {
            return false;
        }
        // What enough members have voted for twice is on the disks of all honest ones of them.
        cast.forEach(block -> ledger.store(Objects.requireNonNull(chain.find(block.hash()))));
        safety.vote2 = cast.getLast();
        safety.write();
        cast.forEach(this::say);
        return true;
    }

    /// The blocks of this view that have no second vote yet and that the lock covers, ascending.
    /// What
    /// is committed needs none.
    private List<BlockRef> lockedBlocks() {
        Rank committed = chain.rank();
        int from =
                Math.max(safety.lastVote2(), committed.view() == safety.view ? committed.seq() : 0);
        ArrayDeque<BlockRef> blocks = new ArrayDeque<>();
        BlockRef at = setup.rules().needsLock() ? safety.highQc1().block() : view.lastCast();
        while (at != null && at.view() == safety.view && at.seq() > from) {
            Block block = chain.find(at.hash());
            if (block == null) {
                catchUp.want(at.hash());
                return List.of();
            }
            blocks.addFirst(at);
            Block parent = chain.find(block.header().parent());
            if (at.seq() > from + 1 && parent == null) {
                catchUp.want(block.header().parent());
                return List.of();
            }
            at = at.seq() == from + 1 || parent == null ? null : parent.ref();
        }
        return List.copyOf(blocks);
    }

    private Guard guard(BlockRef block) {
        int all = setup.size() - setup.rules().fewerThanAll();
        long now = turn.monotonicNanos();
        return new Guard(
                view.hasCast(block),
                headers.isEquivocated(safety.view),
                view.seenByAll(firstVotes, all) >= block.seq(),
                now < distrustedUntil,
                view.leftAt(block.seq()),
                now);
    }

    private void awaitGuard(Guard guard) {
        long at = setup.commitRule().secondVoteAt(guard.votedAt());
        if (guard.isDistrusted() && at != Long.MAX_VALUE) {
            at = Math.max(at, distrustedUntil);
        }
        if (at != Long.MAX_VALUE && at != guardTimerAt && at > guard.now()) {
            guardTimerAt = at;
            turn.setTimer(ByzantineTimer.GUARD, at);
        }
    }

    void onTimer() {
        guardTimerAt = Long.MAX_VALUE;
    }

    private void say(BlockRef block) {
        Bytes signature = setup.credentials().signer().sign(signed.vote(Phase.SECOND, block));
        Certificate lock = setup.commitRule().attachesLock() ? safety.highQc1() : null;
        ByzantineMessage.Vote2 message = new ByzantineMessage.Vote2(block, signature, lock);
        last = message;
        post.broadcast(message);
        turn.afterSync(() -> votes.add(setup.rank(), block, signature));
    }

    /// Says the last one again that is on the disk (F1).
    void recover() {
        BlockRef vote2 = safety.vote2;
        if (vote2 != null) {
            Bytes signature = setup.credentials().signer().sign(signed.vote(Phase.SECOND, vote2));
            last = new ByzantineMessage.Vote2(vote2, signature, null);
            votes.add(setup.rank(), vote2, signature);
        }
    }

    ByzantineMessage.@Nullable Vote2 last() {
        return last;
    }
}
