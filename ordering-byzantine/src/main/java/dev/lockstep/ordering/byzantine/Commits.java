package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What a QC2 commits, allowed at any time and in any view (§4.6), and history that proves itself
/// (§4.10).
final class Commits {

    /// Who has asked so often for a block in vain asks its host for history.
    private static final int VAIN_ATTEMPTS = 4;

    private final Setup setup;
    private final Turn turn;
    private final Chain chain;
    private final Ledger ledger;
    private final Certificates certificates;
    private final CatchUp catchUp;

    /// The highest QC2 that was seen; null before the first.
    private @Nullable Certificate highest;

    private boolean halted;
    private long historyAskedAt = Long.MIN_VALUE;

    Commits(
            Setup setup,
            Turn turn,
            Chain chain,
            Ledger ledger,
            Certificates certificates,
            CatchUp catchUp) {
        this.setup = setup;
        this.turn = turn;
        this.chain = chain;
        this.ledger = ledger;
        this.certificates = certificates;
        this.catchUp = catchUp;
    }

    boolean hasHalted() {
        return halted;
    }

    @Nullable Certificate highest() {
        return highest;
    }

    /// Remembers the commit that the journal ends with.
    void replay(Anchor anchor) {
        highest = anchor.commit();
    }

    void onQc2(Certificate certificate) {
        if (certificate.block().view() < 0) {
            return;
        }
        boolean contradicts = chain.contradicts(certificate.block());
        boolean isHigher = highest == null || highest.rank().isBelow(certificate.rank());
        if ((!contradicts && !isHigher) || !certificates.proves(Phase.SECOND, certificate)) {
            return;
        }
        if (contradicts) {
            halt(certificate);
        } else {
            highest = certificate;
        }
    }

    /// Delivers what is committed and here.
    ///
    /// @return true if it delivered anything
    boolean advance() {
        Certificate commit = highest;
        if (commit == null || halted || commit.block().hash().equals(chain.tip())) {
            return false;
        }
        if (commit.block().height() < chain.height()) {
            return false;
        }
        Chain.Path path = chain.path(commit.block().hash());
        if (path.contradicts()) {
            halt(commit);
            return false;
        }
        if (path.missing() != null) {
            catchUp.want(path.missing());
            askForHistory(commit);
            return false;
        }
        List<Block> blocks = path.blocks();
        for (int i = 0; i < blocks.size() && !ledger.hasEnded(); i++) {
            List<Header> rest =
                    blocks.subList(i + 1, blocks.size()).stream().map(Block::header).toList();
            ledger.commit(blocks.get(i), rest, commit);
        }
        return true;
    }

    private void askForHistory(Certificate commit) {
        boolean isFar = commit.block().height() > chain.height() + 2L * setup.options().window();
        long now = turn.monotonicNanos();
        boolean isTime =
                historyAskedAt == Long.MIN_VALUE
                        || now - historyAskedAt >= setup.commitRule().repeatNanos();
        if ((isFar || catchUp.attempts() >= VAIN_ATTEMPTS) && isTime) {
            historyAskedAt = now;
            turn.emit(new Effect.NeedHistory<>(chain.height() + 1));
        }
    }

    /// Takes as much of another member's history as proves itself.
    void onHistory(List<HistoryEntry> entries) {
        for (HistoryEntry entry : entries) {
            if (ledger.hasEnded() || halted) {
                return;
            }
            if (entry.position() > chain.height() && !take(entry)) {
                return;
            }
        }
    }

    private boolean take(HistoryEntry entry) {
        Anchor anchor = anchorOf(entry);
        if (anchor == null
                || anchor.epoch() != setup.epoch().value()
                || entry.position() != chain.height() + 1
                || anchor.header().height() != entry.position()
                || anchor.header().isClosing()
                || anchor.header().timeNanos() != entry.timeNanos()) {
            return false;
        }
        Block block = Block.of(anchor.header(), new Payload(entry.batch(), anchor.sign()));
        Certificate commit = anchor.commit();
        if (commit == null || (setup.rules().provesHistory() && !isProven(anchor, block, commit))) {
            return false;
        }
        if (!block.header().parent().equals(chain.tip())) {
            halt(commit);
            return false;
        }
        chain.add(block);
        // What stands on the disk is told with the root that this member knows.
        ledger.commit(block, anchor.path(), commit);
        if (highest == null || highest.rank().isBelow(commit.rank())) {
            highest = commit;
        }
        return true;
    }

    private boolean isProven(Anchor anchor, Block block, Certificate commit) {
        return block.isWhole() && anchor.isLinked() && certificates.proves(Phase.SECOND, commit);
    }

    private static @Nullable Anchor anchorOf(HistoryEntry entry) {
        try {
            return Anchor.decode(entry.anchor());
        } catch (MalformedException _) {
            return null;
        }
    }

    /// Two blocks are committed for one position: more members lie than were reckoned with, or the
    /// bound on delays was broken while one did. Nothing is repaired, and nothing goes on.
    private void halt(Certificate other) {
        if (halted) {
            return;
        }
        halted = true;
        BytesWriter proof = new BytesWriter(1024);
        ByzantineCodec.encodeCertificate(other, proof);
        Bytes bytes = proof.toBytes();
        turn.emit(
                new Effect.Halt<>(
                        "the members have committed another block at position "
                                + other.block().height()
                                + " than this replica has, or one that does not come after what it"
                                + " has: more of them are faulty than the cluster tolerates, or"
                                + " messages took longer than delta while one was",
                        bytes));
    }
}
