package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// Linearizable reads. Whatever was acknowledged in this epoch is here: nothing is executed that
/// not every member holds. Whether the epoch still is the present one, the others say: while all
/// take part, none can have begun a later one.
final class FailStopReads {

    private static final class Read {
        private final long barrier;
        private final long round;

        /// All commands with unique ids through here may have been acknowledged; null for none.
        private final @Nullable Mark bound;

        private long answered;

        private Read(long barrier, long round, @Nullable Mark bound) {
            this.barrier = barrier;
            this.round = round;
            this.bound = bound;
        }
    }

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final OpenCommands open;
    private final FailStopLedger ledger;
    private final FailStopPost post;
    private final List<Read> reads = new ArrayList<>();
    private long rounds;

    FailStopReads(
            FailStopSetup setup,
            FailStopStep step,
            OpenCommands open,
            FailStopLedger ledger,
            FailStopPost post) {
        this.setup = setup;
        this.step = step;
        this.open = open;
        this.ledger = ledger;
        this.post = post;
    }

    int size() {
        return reads.size();
    }

    void onRequested(long barrier) {
        Mark bound = null;
        for (Slot slot : open.inOrder()) {
            if (slot.entry().isFixed()) {
                bound = slot.entry().mark();
            }
        }
        rounds++;
        Read read = new Read(barrier, rounds, bound);
        read.answered = 1L << setup.rank();
        reads.add(read);
        ask(read);
    }

    private void ask(Read read) {
        for (int rank = 0; rank < setup.size(); rank++) {
            if ((read.answered & 1L << rank) == 0) {
                post.send(rank, new FailStopMessage.Ask(read.round));
            }
        }
    }

    void repeat() {
        reads.forEach(this::ask);
    }

    /// A member took part when it was asked; so it did when any earlier read began.
    void onAnswer(int rank, long round) {
        for (Read read : reads) {
            if (read.round <= round) {
                read.answered |= 1L << rank;
            }
        }
    }

    /// Answers what is covered.
    void advance() {
        long all = (1L << setup.size()) - 1;
        while (!reads.isEmpty()) {
            Read read = reads.getFirst();
            boolean isSure = read.answered == all || !setup.rules().readsAsk();
            if (!isSure || !isExecuted(read.bound)) {
                return;
            }
            reads.removeFirst();
            step.emit(new Effect.Readable<>(read.barrier, ledger.delivered()));
        }
    }

    private boolean isExecuted(@Nullable Mark bound) {
        return bound == null || ledger.isBehind(bound);
    }

    /// The epoch ends: whoever waits asks in the next.
    void refuse() {
        if (!reads.isEmpty()) {
            step.emit(new Effect.Unreadable<>(reads.getLast().barrier));
            reads.clear();
        }
    }
}
