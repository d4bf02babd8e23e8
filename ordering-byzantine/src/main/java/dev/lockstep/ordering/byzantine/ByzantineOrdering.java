package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Effect;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.Suspicion;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.ordering.byzantine.Headers.Proposed;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;
import java.util.TreeMap;

/// One member's part in Byzantine ordering. A step first takes in what came, equivocations before
/// everything else, and then does whatever follows ([#advance]).
///
/// Without rank it only observes: it delivers history that proves itself.
final class ByzantineOrdering implements Ordering<ByzantineMessage, ByzantineRecord> {

    /// Votes of so many views back may still commit something.
    private static final int VIEWS_BACK = 4;

    private static final int WINDOWS_AHEAD = 8;

    private final Setup setup;
    private final Turn turn;
    private final Post post;
    private final Chain chain;
    private final Safety safety;
    private final View view = new View();
    private final Headers headers = new Headers();
    private final Certificates certificates;
    private final CatchUp catchUp;
    private final Ledger ledger;
    private final Votes votes1;
    private final Votes votes2;
    private final FirstVotes firstVotes;
    private final SecondVotes secondVotes;
    private final Leading leading;
    private final Pacemaker pacemaker;
    private final ViewChange viewChange;
    private final Commits commits;
    private final Repeats repeats;
    private final Accuser accuser;

    private boolean isRecovered;

    /// The host has said that requests wait, and nothing was committed since: whoever leads has as
    /// long for it as for any block (§4.8).
    private boolean requestsWait;

    ByzantineOrdering(Setup setup) {
        this.setup = setup;
        chain = new Chain(setup.rules().keptHeights());
        turn = new Turn(setup.rules());
        accuser = new Accuser(setup, turn);
        post = new Post(setup, turn);
        safety = new Safety(turn, setup.rules());
        certificates = new Certificates(setup, new Authentication(setup));
        catchUp = new CatchUp(setup, turn, post, chain);
        ledger = new Ledger(setup, turn, chain, certificates);
        votes1 = new Votes(setup, Phase.FIRST);
        votes2 = new Votes(setup, Phase.SECOND);
        firstVotes =
                new FirstVotes(
                        setup,
                        turn,
                        post,
                        safety,
                        view,
                        chain,
                        headers,
                        certificates,
                        catchUp,
                        ledger,
                        votes1);
        secondVotes =
                new SecondVotes(
                        setup, turn, post, safety, view, chain, headers, catchUp, ledger, votes1,
                        votes2);
        leading = new Leading(setup, turn, safety, view, chain, headers, firstVotes, catchUp);
        pacemaker = new Pacemaker(setup, turn);
        viewChange =
                new ViewChange(
                        setup, turn, post, safety, view, headers, certificates, leading, pacemaker);
        commits = new Commits(setup, turn, chain, ledger, certificates, catchUp);
        repeats = new Repeats(post, safety, view, chain, commits, viewChange, secondVotes);
    }

    @Override
    public OrderingStatus status() {
        @Nullable ReplicaId leader =
                ledger.hasEnded() || commits.hasHalted()
                        ? null
                        : setup.members().idAt(setup.leaderOf(safety.view));
        return new OrderingStatus(leader, leading.wantsBatch(), this::details);
    }

    private SortedMap<String, String> details() {
        SortedMap<String, String> details = new TreeMap<>();
        details.put("role", role());
        details.put("view", Long.toString(safety.view));
        details.put("stage", view.stage().name());
        details.put("gave-up", Long.toString(safety.timeoutSent));
        details.put("lock", safety.highQc1().rank().toString());
        details.put("committed", Long.toString(chain.height()));
        return details;
    }

    private String role() {
        if (!setup.isMember()) {
            return "observer";
        }
        return leading.isLeading() ? "leader" : "follower";
    }

    /// One vote more for what has enough of them says nothing new, and the signatures of votes are
    /// most of what a block costs.
    @Override
    public boolean isNeeded(ReplicaId from, ByzantineMessage message) {
        return switch (message) {
            case ByzantineMessage.Vote1 it ->
                    setup.commitRule().echoesHeaders() || !hasEnough(votes1, it.block());
            case ByzantineMessage.Vote2 it -> !hasEnough(votes2, it.block());
            case ByzantineMessage.Propose _,
                    ByzantineMessage.Timeout _,
                    ByzantineMessage.Status _,
                    ByzantineMessage.Equivocation _,
                    ByzantineMessage.Fetch _,
                    ByzantineMessage.Blocks _,
                    ByzantineMessage.SyncInfo _ ->
                    true;
        };
    }

    /// A vote for what others have committed another block instead of may be evidence: it is looked
    /// at as long as they know what that was.
    private boolean hasEnough(Votes votes, BlockRef block) {
        return block.rank().isBelow(chain.rank()) || votes.count(block) >= setup.quorum();
    }

    @Override
    public void step(
            Now now,
            Input<ByzantineMessage, ByzantineRecord> input,
            Outbox<ByzantineMessage, ByzantineRecord> out) {
        if (ledger.hasEnded() || commits.hasHalted()) {
            return;
        }
        turn.begin(now, out);
        take(input);
        if (isRecovered && setup.isMember() && !ledger.hasEnded()) {
            advance();
        }
        turn.end();
    }

    private void take(Input<ByzantineMessage, ByzantineRecord> input) {
        switch (input) {
            case Input.Restored<ByzantineMessage, ByzantineRecord> it -> restore(it);
            case Input.Replayed<ByzantineMessage, ByzantineRecord> it ->
                    replay(it.sequence(), it.record());
            case Input.Recovered<ByzantineMessage, ByzantineRecord> _ -> recover();
            case Input.Submitted<ByzantineMessage, ByzantineRecord> it ->
                    leading.submit(it.batch());
            case Input.Received<ByzantineMessage, ByzantineRecord> it -> {
                if (setup.isMember()) {
                    receive(it.from(), it.message());
                }
            }
            case Input.Durable<ByzantineMessage, ByzantineRecord> it ->
                    turn.onDurable(it.sequence());
            case Input.TimerFired<ByzantineMessage, ByzantineRecord> it ->
                    onTimer((ByzantineTimer) it.timer());
            // Reads are ordered like commands, or answered by what clients count (§6).
            case Input.ReadRequested<ByzantineMessage, ByzantineRecord> it ->
                    turn.emit(new Effect.Unreadable<>(it.barrier()));
            case Input.StopRequested<ByzantineMessage, ByzantineRecord> it ->
                    firstVotes.wantSign(it.sign());
            case Input.PeerLost<ByzantineMessage, ByzantineRecord> it ->
                    pacemaker.onPeerLost(setup.members().indexOf(it.peer()));
            case Input.PeerBack<ByzantineMessage, ByzantineRecord> it -> {
                pacemaker.onPeerBack(setup.members().indexOf(it.peer()));
                if (isRecovered && setup.isMember()) {
                    repeats.sayAgainTo(it.peer());
                }
            }
            case Input.History<ByzantineMessage, ByzantineRecord> it -> {
                long before = chain.height();
                commits.onHistory(it.entries());
                if (chain.height() > before) {
                    onCommitted();
                }
            }
            case Input.Validated<ByzantineMessage, ByzantineRecord> it ->
                    firstVotes.onValidated(it.digest(), it.valid());
            case Input.Suspected<ByzantineMessage, ByzantineRecord> it -> suspect(it.what());
            case Input.SnapshotDurable<ByzantineMessage, ByzantineRecord> it ->
                    forget(it.position());
            case Input.Flushed<ByzantineMessage, ByzantineRecord> it ->
                    view.onFlushed(it.token(), turn.monotonicNanos());
            case Input.Leaving<ByzantineMessage, ByzantineRecord> _ -> viewChange.leave();
            // What the authority of other fault models says, and a hint that nothing follows from:
            // whoever leads and stays goes on until its view ends.
            case Input.Wedged<ByzantineMessage, ByzantineRecord> _,
                    Input.Installed<ByzantineMessage, ByzantineRecord> _,
                    Input.HandOver<ByzantineMessage, ByzantineRecord> _ -> {}
        }
    }

    private void restore(Input.Restored<ByzantineMessage, ByzantineRecord> restored) {
        Anchor anchor = Anchor.decode(restored.anchor());
        if (anchor != null && anchor.epoch() == setup.epoch().value()) {
            certificates.begin(anchor.root());
            Header header = anchor.header();
            chain.begin(restored.position(), header.hash(), restored.timeNanos(), header.rank());
            commits.replay(anchor);
        } else {
            Hash hash = root(restored.position(), restored.anchor());
            certificates.begin(new BlockRef(Rank.ROOT.view(), 0, restored.position(), hash));
            chain.begin(restored.position(), hash, restored.timeNanos(), Rank.ROOT);
        }
        safety.begin(certificates.root());
        if (anchor != null && anchor.epoch() == setup.epoch().value() && anchor.sign() != null) {
            ledger.end(anchor.sign());
        }
    }

    /// Where the epoch begins, the same at every member.
    private Hash root(long position, Bytes anchor) {
        BytesWriter out = new BytesWriter(64);
        out.putLong(setup.credentials().cluster().high());
        out.putLong(setup.credentials().cluster().low());
        out.putLong(setup.epoch().value()).putLong(position);
        Anchor before = Anchor.decode(anchor);
        if (before != null) {
            // Members may have committed it by different certificates.
            before.header().hash().encode(out);
        } else {
            out.put(anchor);
        }
        return Hash.of(Hash.Domain.ROOT, out);
    }

    private void replay(long sequence, ByzantineRecord record) {
        turn.onReplayed(sequence);
        switch (record) {
            case ByzantineRecord.Safety it -> safety.replay(it);
            case ByzantineRecord.Stored it -> {
                chain.add(it.block());
                ledger.onStored(sequence, it.block());
            }
            case ByzantineRecord.Delivered it -> {
                ledger.replay(it.anchor());
                commits.replay(it.anchor());
            }
        }
    }

    private void recover() {
        isRecovered = true;
        // This process has proposed nothing yet.
        var _ = chain.takeNews();
        if (!setup.isMember()) {
            return;
        }
        viewChange.recover();
        if (safety.wasHere() && setup.rules().repeatsItself()) {
            recoverVotes();
        }
        turn.setTimer(
                ByzantineTimer.REPEAT, turn.monotonicNanos() + setup.commitRule().repeatNanos());
        repeats.sayAgain();
    }

    /// Counts what this member has voted for and its journal holds (F1).
    private void recoverVotes() {
        secondVotes.recover();
        BlockRef vote1 = safety.vote1;
        if (vote1 != null && vote1.view() == safety.view) {
            firstVotes.recover(vote1);
        }
    }

    private void suspect(Suspicion what) {
        if (!isRecovered || !setup.isMember()) {
            return;
        }
        switch (what) {
            case TIMING -> secondVotes.distrust();
            case CENSORSHIP -> viewChange.giveUp(safety.view);
            case REQUESTS_WAIT -> requestsWait = true;
        }
    }

    private void onTimer(ByzantineTimer timer) {
        switch (timer) {
            case VIEW -> {
                pacemaker.onTimer();
                if (view.isActive()) {
                    viewChange.giveUp(safety.view);
                }
            }
            case QUIT -> viewChange.onQuitTimer();
            case LEAD -> viewChange.onLeadTimer();
            case GUARD -> secondVotes.onTimer();
            case FETCH -> catchUp.onTimer();
            case REPEAT -> {
                turn.setTimer(
                        ByzantineTimer.REPEAT,
                        turn.monotonicNanos() + setup.commitRule().repeatNanos());
                if (hasWork() || safety.timeoutSent >= safety.view) {
                    repeats.sayAgain();
                }
            }
        }
    }

    private void receive(ReplicaId from, ByzantineMessage message) {
        int sender = setup.members().indexOf(from);
        if (sender < 0 || sender == setup.rank() || !isRecovered) {
            return;
        }
        switch (message) {
            case ByzantineMessage.Propose it -> onPropose(it);
            case ByzantineMessage.Vote1 it -> onVote1(sender, it);
            case ByzantineMessage.Vote2 it -> onVote2(sender, it);
            case ByzantineMessage.Timeout it -> onTimeout(from, it);
            case ByzantineMessage.Status it -> {
                boolean isNext = it.view() >= safety.view && it.view() <= safety.view + 1;
                if (onQc1(it.highQc1()) && isNext) {
                    viewChange.onStatus(sender, it.view());
                }
            }
            case ByzantineMessage.Equivocation it -> {
                onHeader(it.first(), null);
                onHeader(it.second(), null);
            }
            case ByzantineMessage.Fetch it -> {
                if (!catchUp.onFetch(from, it)) {
                    post.send(from, repeats.syncInfo());
                }
            }
            case ByzantineMessage.Blocks it -> catchUp.onBlocks(it);
            case ByzantineMessage.SyncInfo it -> {
                TimeoutCertificate timeouts = it.timeoutCertificate();
                if (timeouts != null) {
                    viewChange.onTimeoutCertificate(timeouts);
                }
                onQc1(it.highQc1());
                Certificate committed = it.committed();
                if (committed != null) {
                    commits.onQc2(committed);
                }
            }
        }
    }

    private void onPropose(ByzantineMessage.Propose propose) {
        Echo echo = new Echo(propose.header(), propose.leaderVote1());
        boolean isFirst = onHeader(echo, propose);
        Header header = propose.header();
        TimeoutCertificate timeouts = propose.timeoutCertificate();
        if (timeouts != null && timeouts.view() == header.view() - 1) {
            viewChange.onTimeoutCertificate(timeouts);
        }
        Certificate justify = propose.justify();
        if (justify != null) {
            onQc1(justify);
        }
        Block block = Block.of(header, propose.payload());
        if (isFirst && block.isWhole()) {
            chain.add(block);
            count(setup.leaderOf(header.view()), block.ref(), propose.leaderVote1());
        }
    }

    /// Takes what a leader has signed, before anything else of the message counts (F3).
    ///
    /// @return true if it is the first that came for its place
    private boolean onHeader(Echo echo, ByzantineMessage.@Nullable Propose propose) {
        Header header = echo.header();
        if (!isNear(header.view()) || header.seq() > lastSeq(header.view())) {
            return false;
        }
        BlockRef block = header.ref();
        ByzantineMessage.Equivocation proof =
                headers.add(
                        new Proposed(
                                block,
                                echo,
                                propose != null && propose.justify() != null ? propose : null));
        if (proof != null) {
            post.broadcast(proof);
            accuser.onEquivocation(proof);
        }
        Proposed first = headers.find(header.view(), header.seq());
        return first != null && first.block().equals(block);
    }

    private void onVote1(int sender, ByzantineMessage.Vote1 vote) {
        Echo echo = vote.echo();
        if (echo != null) {
            onHeader(echo, null);
        }
        count(sender, vote.block(), vote.signature());
    }

    private void count(int sender, BlockRef block, Bytes signature) {
        if (!isNear(block.view()) || block.seq() > lastSeq(block.view())) {
            return;
        }
        add(votes1, Phase.FIRST, sender, block, signature);
    }

    private void add(Votes votes, Phase phase, int sender, BlockRef block, Bytes signature) {
        BlockRef before = votes.add(sender, block, signature);
        if (before != null) {
            Bytes other = votes.signature(sender, before.rank());
            accuser.onTwo(sender, phase, before, other, block, signature);
        }
    }

    private void onVote2(int sender, ByzantineMessage.Vote2 vote) {
        Certificate lock = vote.lock();
        if (lock != null && safety.highQc1().rank().isBelow(lock.rank())) {
            onQc1(lock);
        }
        BlockRef block = vote.block();
        if (block.view() > safety.view + 1
                || block.view() < safety.view - VIEWS_BACK
                || block.seq() > lastSeq(block.view())) {
            return;
        }
        add(votes2, Phase.SECOND, sender, block, vote.signature());
    }

    private void onTimeout(ReplicaId from, ByzantineMessage.Timeout timeout) {
        boolean isProven = onQc1(timeout.highQc1());
        if (isProven && !viewChange.onTimeout(from, timeout)) {
            post.send(from, repeats.syncInfo());
        }
    }

    /// Takes it in; false if it proves nothing.
    private boolean onQc1(Certificate certificate) {
        if (!certificates.proves(Phase.FIRST, certificate)) {
            return false;
        }
        safety.raise(certificate);
        return true;
    }

    private boolean isNear(long inView) {
        return inView >= safety.view && inView <= safety.view + Headers.VIEWS_AHEAD;
    }

    /// No honest leader is further in a view (§3, acceptance window): it is four windows ahead of
    /// what is committed, and this member as far behind it as messages under way.
    private int lastSeq(long inView) {
        Rank certified = safety.highQc1().rank();
        int base = certified.view() == inView ? certified.seq() : 0;
        int voted = inView == safety.view ? safety.lastVote1() : 0;
        return Math.max(base, voted) + WINDOWS_AHEAD * setup.options().window();
    }

    /// What follows from whatever came.
    private void advance() {
        boolean hasMoved;
        do {
            catchUp.begin();
            certify();
            hasMoved = viewChange.advance();
            hasMoved |= leading.advance();
            hasMoved |= firstVotes.advance();
            hasMoved |= secondVotes.advance();
            if (commits.advance()) {
                onCommitted();
                hasMoved = true;
            }
            if (ledger.hasEnded()) {
                post.broadcast(repeats.syncInfo());
                return;
            }
        } while (hasMoved && !commits.hasHalted());
        if (firstVotes.isProposalBad()) {
            viewChange.giveUp(safety.view);
        }
        catchUp.advance();
        pacemaker.advance(view.isActive() && hasWork(), setup.leaderOf(safety.view));
    }

    /// Takes in the certificates that votes have come to, own ones among them.
    private void certify() {
        Certificate lock = votes1.nextCertificate();
        while (lock != null) {
            certificates.vouchFor(lock);
            safety.raise(lock);
            lock = votes1.nextCertificate();
        }
        Certificate commit = votes2.nextCertificate();
        while (commit != null) {
            certificates.vouchFor(commit);
            commits.onQc2(commit);
            commit = votes2.nextCertificate();
        }
    }

    private void onCommitted() {
        requestsWait = false;
        pacemaker.onCommit();
        leading.onDelivered(chain);
        Rank committed = chain.rank();
        votes2.forgetBelow(committed);
        votes1.forgetBelow(committed);
        headers.forgetBelow(committed);
        if (committed.view() == safety.view) {
            view.forgetBelow(committed.seq());
        }
    }

    /// Something is to be committed in this view.
    private boolean hasWork() {
        return requestsWait
                || chain.rank().view() < safety.view
                || chain.rank().seq() < headers.lastSeq(safety.view)
                || chain.rank().isBelow(safety.highQc1().rank());
    }

    private void forget(long position) {
        long sequence = safety.write();
        long least = Math.min(sequence, ledger.neededAfter(position));
        turn.afterSync(() -> turn.emit(new Effect.Release<>(least - 1)));
    }

    // For tests.

    /// True if a batch would be taken, wanted or not.
    boolean takesBatch() {
        return leading.takesBatch();
    }

    Safety safety() {
        return safety;
    }

    View view() {
        return view;
    }

    Chain chain() {
        return chain;
    }

    Certificate root() {
        BlockRef root = certificates.root();
        return Certificate.root(root.height(), root.hash());
    }

    /// How much is held in memory for other members.
    int held() {
        return votes1.size() + votes2.size() + headers.size() + chain.size();
    }
}
