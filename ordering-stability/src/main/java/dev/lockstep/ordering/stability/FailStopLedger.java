package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeMap;

/// The delivered positions.
final class FailStopLedger {

    /// What was delivered, for people.
    ///
    /// @param candidate what this member held of its place first; 0 if others have told it all
    record Finished(Mark mark, long candidate, long position) {}

    /// So many delivered commands are shown to people.
    private static final int LATEST = 8;

    private final FailStopSetup setup;
    private final FailStopStep step;

    /// By position: the record that has its batch. Those behind a snapshot are dropped.
    private final TreeMap<Long, Long> records = new TreeMap<>();

    /// The last few delivered, for people.
    private final ArrayDeque<Finished> latest = new ArrayDeque<>();

    private long delivered;
    private long timeNanos;

    /// What was delivered last in this epoch; null before the first.
    private @Nullable Mark last;

    private boolean ended;

    FailStopLedger(FailStopSetup setup, FailStopStep step) {
        this.setup = setup;
        this.step = step;
    }

    void restore(long position, long timeAtPosition, Bytes anchorBytes) {
        delivered = position;
        timeNanos = timeAtPosition;
        FailStopAnchor anchor = FailStopAnchor.decode(anchorBytes);
        if (anchor == null || anchor.epoch() != setup.epoch().value()) {
            return;
        }
        last = anchor.mark();
        StopSign sign = anchor.sign();
        if (sign != null) {
            end(sign);
        }
    }

    long delivered() {
        return delivered;
    }

    @Nullable Mark last() {
        return last;
    }

    boolean hasEnded() {
        return ended;
    }

    /// True if what has this mark for good is delivered.
    boolean isBehind(Mark mark) {
        Mark end = last;
        return end != null && end.compareTo(mark) >= 0;
    }

    /// Delivers a command at the next position.
    ///
    /// @param entry with its unique id
    /// @param slot what was known of it before
    void append(Entry entry, Slot slot) {
        Invariant.check(
                !isBehind(entry.mark()),
                "commands are executed in the order of their unique ids",
                entry.value());
        last = entry.mark();
        deliver(
                entry.batch(),
                Math.max(timeNanos, entry.stampNanos()),
                FailStopAnchor.encode(setup.epoch(), last, null),
                slot.logged());
        note(entry.mark(), slot.candidate());
    }

    /// What the position of the stop sign holds; the same at every member.
    Batch stop(long position) {
        BatchId id =
                new BatchId(setup.idAt(0), setup.incarnationOf(0), BatchId.PROTOCOL_BOOT, position);
        return Batch.of(id, 0, Bytes.EMPTY);
    }

    /// Delivers the end of the epoch.
    ///
    /// @param sequence the record that has its batch
    void append(StopSign sign, Batch stop, long sequence) {
        deliver(stop, timeNanos, FailStopAnchor.encode(setup.epoch(), last, sign), sequence);
        end(sign);
    }

    /// Reads the anchor of another member's history.
    ///
    /// @return null unless the entry is the next position, and of this epoch
    @Nullable FailStopAnchor next(HistoryEntry entry) {
        if (ended || entry.position() != delivered + 1) {
            return null;
        }
        FailStopAnchor anchor = anchorOf(entry);
        if (anchor == null || anchor.epoch() != setup.epoch().value()) {
            return null;
        }
        Mark mark = anchor.mark();
        boolean follows =
                anchor.sign() != null
                        ? java.util.Objects.equals(mark, last)
                        : mark != null
                                && !isBehind(mark)
                                && setup.members().contains(mark.id().origin());
        return follows ? anchor : null;
    }

    /// Null if there is none of this order, or it is damaged: then the host asks the next member.
    static @Nullable FailStopAnchor anchorOf(HistoryEntry entry) {
        try {
            return FailStopAnchor.decode(entry.anchor());
        } catch (MalformedException _) {
            return null;
        }
    }

    void append(HistoryEntry entry, FailStopAnchor anchor, long sequence) {
        last = anchor.mark();
        deliver(entry.batch(), entry.timeNanos(), entry.anchor(), sequence);
        StopSign sign = anchor.sign();
        if (sign != null) {
            end(sign);
        } else if (last != null) {
            note(last, 0);
        }
    }

    private void note(Mark mark, long candidate) {
        latest.addLast(new Finished(mark, candidate, delivered));
        if (latest.size() > LATEST) {
            latest.removeFirst();
        }
    }

    /// The last few delivered, in their order.
    List<Finished> latest() {
        return List.copyOf(latest);
    }

    /// The first record that positions after `position` need.
    long neededAfter(long position) {
        records.headMap(position, true).clear();
        long least = Long.MAX_VALUE;
        for (long sequence : records.values()) {
            least = Math.min(least, sequence);
        }
        return least;
    }

    private void deliver(Batch batch, long time, Bytes anchor, long sequence) {
        delivered++;
        timeNanos = time;
        records.put(delivered, sequence);
        step.emit(new Effect.Deliver<>(delivered, batch, time, anchor));
    }

    private void end(StopSign sign) {
        ended = true;
        step.emit(new Effect.Stopped<>(sign, delivered));
    }
}
