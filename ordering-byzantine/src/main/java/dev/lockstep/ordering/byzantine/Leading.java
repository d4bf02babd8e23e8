package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Effect;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What the leader of a view proposes (§4.2). Its own vote is cast where all votes are
/// ([FirstVotes]), and signs the proposal.
final class Leading {

    /// More batches than these are not taken before one is proposed.
    private static final int MAX_QUEUED = 4;

    /// So many windows a leader is ahead of what is committed. Where second votes wait for time,
    /// locks alone would let it run away.
    private static final int WINDOWS = 4;

    private final Setup setup;
    private final Turn turn;
    private final Safety safety;
    private final View view;
    private final Chain chain;
    private final Headers headers;
    private final FirstVotes firstVotes;
    private final CatchUp catchUp;
    private final SignedBytes signed;

    private final ArrayDeque<Batch> queue = new ArrayDeque<>();

    /// Own batches that were proposed and are not delivered, by height. There may be several of one
    /// height, of different views: which of them is committed, if any, is open until one is.
    private final TreeMap<Long, List<Batch>> proposed = new TreeMap<>();

    private boolean isLeading;

    Leading(
            Setup setup,
            Turn turn,
            Safety safety,
            View view,
            Chain chain,
            Headers headers,
            FirstVotes firstVotes,
            CatchUp catchUp) {
        this.setup = setup;
        this.turn = turn;
        this.safety = safety;
        this.view = view;
        this.chain = chain;
        this.headers = headers;
        this.firstVotes = firstVotes;
        this.catchUp = catchUp;
        this.signed = setup.signedBytes();
    }

    boolean isLeading() {
        return isLeading && view.isActive() && !safety.isSilent();
    }

    /// A small batch that is proposed while another has no certificate yet is voted for and written
    /// down by itself, and makes both later: requests had better go on filling it.
    boolean wantsBatch() {
        return isLeading() && queue.isEmpty() && ahead() == 0;
    }

    boolean takesBatch() {
        return isLeading() && queue.size() < MAX_QUEUED && hasRoom();
    }

    /// Begins to propose in the view, once.
    void start() {
        if (view.isActive() && !safety.isSilent() && safety.mayBeginToPropose()) {
            safety.proposedIn = safety.view;
            isLeading = true;
        }
    }

    void stop() {
        isLeading = false;
        while (!queue.isEmpty()) {
            refuse(queue.removeFirst(), "the view has ended");
        }
    }

    void submit(Batch batch) {
        if (!isLeading()) {
            refuse(batch, "this replica does not lead");
        } else if (queue.size() >= MAX_QUEUED) {
            refuse(batch, "enough batches wait to be proposed");
        } else {
            queue.addLast(batch);
        }
    }

    private void refuse(Batch batch, String reason) {
        turn.emit(new Effect.Refused<>(batch.id(), reason));
    }

    /// Tells of own batches in whose places other blocks are committed.
    void onDelivered(Chain delivered) {
        delivered
                .takeNews()
                .forEach(
                        (height, committed) -> {
                            List<Batch> batches = proposed.remove(height);
                            if (batches != null) {
                                batches.remove(committed);
                                batches.forEach(this::refuseTaken);
                            }
                        });
    }

    private void refuseTaken(Batch batch) {
        refuse(batch, "another block was committed in its place");
    }

    /// Proposes the next block of the view, if there is one to propose.
    ///
    /// @return true if it did
    boolean advance() {
        int seq = safety.lastVote1() + 1;
        if (!isLeading() || !hasRoom() || headers.find(safety.view, seq) != null) {
            return false;
        }
        Hash parent = seq == 1 ? safety.highQc1().block().hash() : parentOfNext();
        if (parent == null || !isHere(parent)) {
            return false;
        }
        Payload payload = next(parent, seq);
        if (payload == null) {
            return false;
        }
        propose(seq, parent, payload);
        return true;
    }

    private @Nullable Hash parentOfNext() {
        BlockRef vote = safety.vote1;
        return vote == null ? null : vote.hash();
    }

    private boolean isHere(Hash parent) {
        Chain.Path path = chain.path(parent);
        if (path.missing() != null) {
            catchUp.want(path.missing());
        }
        return path.isWhole();
    }

    /// Not further ahead of what is certified than the window, and of what is committed than a few.
    private boolean hasRoom() {
        int window = setup.options().window();
        BlockRef vote = safety.vote1;
        boolean isFar =
                vote != null
                        && vote.view() == safety.view
                        && vote.height() - chain.height() >= (long) WINDOWS * window;
        return !isFar && ahead() < window;
    }

    /// How many proposals of the view have no certificate.
    private int ahead() {
        Rank certified = safety.highQc1().rank();
        return safety.lastVote1() - (certified.view() == safety.view ? certified.seq() : 0);
    }

    /// What the next block orders. The first of a view is proposed even if there is nothing to
    /// order: it commits what the view inherits. Null if there is nothing.
    private @Nullable Payload next(Hash parent, int seq) {
        long height = chain.heightOf(parent) + (chain.ends(parent) ? 0 : 1);
        Batch empty = Batch.of(firstVotes.emptyId(safety.view, height), 0, Bytes.EMPTY);
        if (chain.ends(parent)) {
            boolean isNeeded = seq == 1;
            return isNeeded ? new Payload(empty, null) : null;
        }
        StopSign sign = firstVotes.sign();
        if (sign != null) {
            return new Payload(empty, sign);
        }
        if (!queue.isEmpty()) {
            Batch batch = queue.removeFirst();
            proposed.computeIfAbsent(height, _ -> new ArrayList<>()).add(batch);
            return new Payload(batch, null);
        }
        return seq == 1 ? new Payload(empty, null) : null;
    }

    private void propose(int seq, Hash parent, Payload payload) {
        boolean isClosing = chain.ends(parent);
        TimeoutCertificate timeouts = seq == 1 ? safety.timeoutCertificate : null;
        Certificate justify = seq == 1 ? safety.highQc1() : null;
        Header header =
                new Header(
                        safety.view,
                        seq,
                        chain.heightOf(parent) + (isClosing ? 0 : 1),
                        parent,
                        justify == null ? Rank.ROOT : justify.rank(),
                        timeouts == null ? Header.NO_HASH : timeouts.hash(),
                        payload.hash(),
                        Math.max(chain.timeAt(parent), turn.wallNanos()),
                        isClosing);
        Block block = Block.of(header, payload);
        Bytes signature = setup.credentials().signer().sign(signed.vote(Phase.FIRST, block.ref()));
        chain.add(block);
        firstVotes.vouchFor(header.payload());
        headers.add(
                new Headers.Proposed(
                        block.ref(),
                        new Echo(header, signature),
                        new ByzantineMessage.Propose(
                                header, payload, signature, justify, timeouts)));
    }
}
