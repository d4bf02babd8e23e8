package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.ordering.byzantine.Headers.Proposed;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeMap;

/// VOTE1: what this member finds fit to follow what it knows (§4.4).
final class FirstVotes {

    /// So many windows of blocks are voted for ahead of what is committed: four times what an
    /// honest
    /// leader proposes.
    private static final int MAX_WINDOWS = 16;

    private final Setup setup;
    private final Turn turn;
    private final Post post;
    private final Safety safety;
    private final View view;
    private final Chain chain;
    private final Headers headers;
    private final Certificates certificates;
    private final CatchUp catchUp;
    private final Ledger ledger;
    private final Votes votes;
    private final SignedBytes signed;

    /// The host's verdicts on payloads that were proposed in a view and not voted for yet.
    private final TreeMap<Hash, Verdict> verdicts = new TreeMap<>();

    /// The view that those are of.
    private long verdictsOf;

    /// The stop sign that this member's own host wants; null if it wants none.
    private @Nullable StopSign sign;

    private enum Verdict {
        /// The host was asked.
        ASKED,
        GOOD,
        BAD
    }

    FirstVotes(
            Setup setup,
            Turn turn,
            Post post,
            Safety safety,
            View view,
            Chain chain,
            Headers headers,
            Certificates certificates,
            CatchUp catchUp,
            Ledger ledger,
            Votes votes) {
        this.setup = setup;
        this.turn = turn;
        this.post = post;
        this.safety = safety;
        this.view = view;
        this.chain = chain;
        this.headers = headers;
        this.certificates = certificates;
        this.catchUp = catchUp;
        this.ledger = ledger;
        this.votes = votes;
        this.signed = setup.signedBytes();
    }

    void wantSign(StopSign wanted) {
        sign = wanted;
    }

    @Nullable StopSign sign() {
        return sign;
    }

    void onValidated(Bytes digest, boolean isValid) {
        for (var asked : verdicts.entrySet()) {
            if (asked.getKey().bytes().equals(digest)) {
                asked.setValue(isValid ? Verdict.GOOD : Verdict.BAD);
            }
        }
    }

    /// A payload of this member's own.
    void vouchFor(Hash payload) {
        forgetOldVerdicts();
        verdicts.put(payload, Verdict.GOOD);
    }

    /// Votes for the next block of the view, if there is one to vote for.
    ///
    /// @return true if it did
    boolean advance() {
        if (!view.isActive() || safety.isSilent() || headers.isEquivocated(safety.view)) {
            return false;
        }
        forgetOldVerdicts();
        int seq = safety.lastVote1() + 1;
        Proposed proposed = headers.find(safety.view, seq);
        if (proposed == null) {
            return false;
        }
        Block block = chain.find(proposed.block().hash());
        if (block == null) {
            catchUp.want(proposed.block().hash());
            return false;
        }
        boolean isVotable =
                seq == 1
                        ? isJustified(block.header(), proposed.first())
                        : block.header().parent().equals(lastVoted());
        if (isVotable && follows(block) && isPayloadGood(block)) {
            cast(block, proposed);
            return true;
        }
        return false;
    }

    private void forgetOldVerdicts() {
        if (verdictsOf != safety.view) {
            verdictsOf = safety.view;
            verdicts.clear();
        }
    }

    /// True if the host refuses what the leader wants to have ordered next.
    boolean isProposalBad() {
        Proposed proposed = headers.find(safety.view, safety.lastVote1() + 1);
        return proposed != null && verdicts.get(proposed.echo().header().payload()) == Verdict.BAD;
    }

    private @Nullable Hash lastVoted() {
        BlockRef vote = safety.vote1;
        return vote == null ? null : vote.hash();
    }

    /// The first block of a view is built on a certificate that is high enough.
    private boolean isJustified(Header header, ByzantineMessage.@Nullable Propose first) {
        if (first == null || first.justify() == null) {
            return false;
        }
        Certificate justify = first.justify();
        TimeoutCertificate timeouts = first.timeoutCertificate();
        boolean begins =
                header.view() == 0
                        ? timeouts == null && header.timeoutCertificate().equals(Header.NO_HASH)
                        : timeouts != null
                                && timeouts.view() == header.view() - 1
                                && timeouts.hash().equals(header.timeoutCertificate())
                                && certificates.proves(timeouts);
        Certificate lock = setup.rules().lockThatCounts(view.entryLock(), safety.highQc1());
        // A certificate of the view itself would put a second block behind places that others have
        // committed and forgotten.
        boolean isEarlier =
                justify.rank().view() < header.view() || !setup.rules().justifiesFromBefore();
        return begins
                && isEarlier
                && justify.rank().equals(header.justify())
                && header.parent().equals(justify.block().hash())
                && certificates.proves(Phase.FIRST, justify)
                && setup.commitRule().isFirstBlockVotable(justify, timeouts, lock);
    }

    /// All blocks before it are here, and its height, time and kind follow from the last of them.
    private boolean follows(Block block) {
        Hash parent = block.header().parent();
        Chain.Path path = chain.path(parent);
        if (path.missing() != null) {
            catchUp.want(path.missing());
        }
        if (!path.isWhole()) {
            return false;
        }
        if (path.blocks().size() > (long) MAX_WINDOWS * setup.options().window()) {
            return false;
        }
        boolean isClosing = block.header().isClosing();
        long height = chain.heightOf(parent) + (isClosing ? 0 : 1);
        return chain.ends(parent) == isClosing
                && block.header().height() == height
                && block.header().timeNanos() >= chain.timeAt(parent)
                && block.header().timeNanos() <= turn.wallNanos() + setup.options().maxSkewNanos();
    }

    private boolean isPayloadGood(Block block) {
        Payload payload = block.payload();
        boolean isEmpty = payload.batch().payload().isEmpty();
        if (block.header().isClosing() || payload.sign() != null) {
            boolean isWanted =
                    block.header().isClosing()
                            ? payload.sign() == null
                            : payload.sign() != null
                                    && (payload.sign().equals(sign)
                                            || setup.rules().votesForAnySign());
            return isWanted && isEmpty && isProtocols(block);
        }
        if (isEmpty && isProtocols(block)) {
            return true;
        }
        Hash hash = block.header().payload();
        Verdict verdict = verdicts.get(hash);
        if (verdict == null) {
            verdicts.put(hash, Verdict.ASKED);
            ReplicaId leader = setup.members().idAt(setup.leaderOf(block.header().view()));
            turn.emit(new Effect.Validate<>(hash.bytes(), leader, payload.batch()));
        }
        return verdict == Verdict.GOOD;
    }

    /// A batch that carries nothing has the name that the leader of its view must give it.
    private boolean isProtocols(Block block) {
        return block.payload().batch().id().equals(emptyId(block.header()));
    }

    BatchId emptyId(Header header) {
        return emptyId(header.view(), header.height());
    }

    BatchId emptyId(long inView, long height) {
        var leader = setup.members().members().get(setup.leaderOf(inView));
        return new BatchId(
                leader.id(), leader.incarnation(), BatchId.PROTOCOL_BOOT, Math.max(1, height));
    }

    private void cast(Block block, Proposed proposed) {
        BlockRef ref = block.ref();
        ledger.store(block);
        safety.vote1 = ref;
        safety.write();
        boolean isOwn = setup.leads(safety.view) && proposed.first() != null;
        Bytes signature =
                isOwn
                        ? proposed.echo().leaderVote1()
                        : setup.credentials().signer().sign(signed.vote(Phase.FIRST, ref));
        ByzantineMessage message;
        List<Long> tokens;
        if (isOwn && proposed.first() != null) {
            message = proposed.first();
            tokens =
                    setup.outlivesItsProposer()
                            ? post.broadcastProposal(message)
                            : post.broadcastTracked(message);
        } else {
            Echo echo = setup.commitRule().echoesHeaders() ? proposed.echo() : null;
            message = new ByzantineMessage.Vote1(ref, signature, echo);
            tokens = post.broadcastTracked(message);
        }
        view.cast(ref, message, tokens, turn.monotonicNanos());
        turn.afterSync(() -> votes.add(setup.rank(), ref, signature));
        verdicts.remove(block.header().payload());
    }

    /// Counts and repeats a vote that the journal holds (F1).
    void recover(BlockRef vote) {
        Bytes signature = setup.credentials().signer().sign(signed.vote(Phase.FIRST, vote));
        ByzantineMessage message = new ByzantineMessage.Vote1(vote, signature, null);
        view.cast(vote, message, List.of(), Long.MAX_VALUE);
        votes.add(setup.rank(), vote, signature);
    }
}
