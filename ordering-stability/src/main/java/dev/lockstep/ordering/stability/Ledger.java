package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// The positions of the epoch: every executed command takes the next one. All that is here is a
/// function of what was executed, the same at all members.
///
/// The host wants an origin's batches in their order, and unique ids do not promise that. So a
/// batch counts only if its predecessor was delivered before; if not, and if the batch itself was
/// delivered before, an empty batch takes the position, and its coordinator proposes it anew.
final class Ledger {

    private final Setup setup;
    private final Turn turn;
    private final Done done;
    private final BatchMarks batches = new BatchMarks();

    /// Everything through here is delivered.
    private long delivered;

    /// Agreed time there.
    private long timeNanos;

    /// What was executed last in this epoch; null before the first.
    private @Nullable Mark last;

    /// True once the stop sign is delivered: nothing follows.
    private boolean ended;

    Ledger(Setup setup, Turn turn) {
        this.setup = setup;
        this.turn = turn;
        this.done = new Done(setup.members());
    }

    /// Begins at a position whose anchor was given back.
    ///
    /// @param batchesDelivered the last of every origin's boot
    void restore(
            long position, long timeAtPosition, Bytes anchorBytes, List<BatchId> batchesDelivered) {
        delivered = position;
        timeNanos = timeAtPosition;
        batchesDelivered.forEach(batches::note);
        Anchor anchor = Anchor.decode(anchorBytes);
        if (anchor == null || anchor.epoch() != setup.epoch().value()) {
            return;
        }
        last = anchor.mark();
        done.decode(new BytesReader(anchor.done()));
        StopSign sign = anchor.sign();
        if (sign != null) {
            end(sign);
        }
    }

    long delivered() {
        return delivered;
    }

    boolean hasEnded() {
        return ended;
    }

    Done done() {
        return done;
    }

    /// The timestamp of what was executed last; 0 before the first.
    long lastTimestamp() {
        Mark mark = last;
        return mark == null ? 0 : mark.timestamp();
    }

    /// True if the host has had this batch.
    boolean hasDelivered(BatchId batch) {
        return batch.sequence() <= batches.last(batch);
    }

    /// True if what comes before the command's batch was delivered.
    boolean isInTurn(Command command) {
        Batch batch = command.batch();
        return batch != null && command.after() <= batches.last(batch.id());
    }

    /// True if the batch counts where it stands.
    boolean counts(Command command) {
        Batch batch = command.batch();
        return batch != null
                && setup.rules().isInTurn(command.after(), batches.last(batch.id()))
                && !setup.rules().isRepeated(batch.id().sequence(), batches.last(batch.id()));
    }

    /// What is delivered at the next position in place of a command that does not count; null if it
    /// does.
    @Nullable Batch substitute(Command command) {
        if (counts(command)) {
            return null;
        }
        int rank = setup.rankOf(command.id());
        BatchId id =
                new BatchId(
                        command.id().origin(),
                        setup.incarnationOf(rank),
                        BatchId.PROTOCOL_BOOT,
                        delivered + 1);
        return Batch.of(id, command.stampNanos(), Bytes.EMPTY);
    }

    /// Delivers a command at the next position.
    ///
    /// @param empty what [#substitute] gave
    void append(Command command, Mark mark, @Nullable Batch empty) {
        Mark before = last;
        Invariant.check(
                before == null || before.compareTo(mark) < 0,
                "commands are executed in the order of their unique ids",
                mark.timestamp());
        Invariant.check(done.add(mark.id()), "a command is executed once", mark.id().number());
        Batch batch = empty != null ? empty : command.batch();
        if (batch == null) {
            throw Invariant.broken("a stop sign is delivered as an empty batch");
        }
        StopSign sign = command.sign();
        long time = Math.max(timeNanos, command.stampNanos());
        deliver(mark, batch, time, Anchor.encode(setup.epoch(), mark, done, sign));
        if (sign != null) {
            end(sign);
        }
    }

    /// Reads the anchor of another member's history.
    ///
    /// @return null unless the entry is the next position, and of this epoch
    @Nullable Anchor next(HistoryEntry entry) {
        if (ended || entry.position() != delivered + 1) {
            return null;
        }
        Anchor anchor;
        try {
            anchor = Anchor.decode(entry.anchor());
            if (anchor != null) {
                new Done(setup.members()).decode(new BytesReader(anchor.done()));
            }
        } catch (MalformedException _) {
            // Whoever sent it has lost its mind: the host asks the next member.
            return null;
        }
        Mark before = last;
        boolean follows =
                anchor != null
                        && anchor.epoch() == setup.epoch().value()
                        && setup.rankOf(anchor.mark().id()) >= 0
                        && (before == null || before.compareTo(anchor.mark()) < 0);
        return follows ? anchor : null;
    }

    /// Delivers what another member's history has at the next position.
    ///
    /// @param anchor what [#next] gave
    void append(HistoryEntry entry, Anchor anchor) {
        done.decode(new BytesReader(anchor.done()));
        Invariant.check(done.contains(anchor.mark().id()), "an anchor counts what it is of");
        deliver(anchor.mark(), entry.batch(), entry.timeNanos(), entry.anchor());
        StopSign sign = anchor.sign();
        if (sign != null) {
            end(sign);
        }
    }

    private void deliver(Mark mark, Batch batch, long time, Bytes anchor) {
        delivered++;
        timeNanos = time;
        last = mark;
        batches.note(batch.id());
        turn.emit(new Effect.Deliver<>(delivered, batch, time, anchor));
    }

    private void end(StopSign sign) {
        ended = true;
        turn.emit(new Effect.Stopped<>(sign, delivered));
    }
}
