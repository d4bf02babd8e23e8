package dev.lockstep.ordering.stability;

import dev.lockstep.core.Effect;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Input;
import dev.lockstep.core.Now;
import dev.lockstep.core.Ordering;
import dev.lockstep.core.OrderingStatus;
import dev.lockstep.core.Outbox;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The part of a replica that is not a member of the epoch: it takes delivered history, writes it
/// down and delivers it. It says nothing and counts for nothing, so that a newcomer is up to date
/// before a stop sign makes it a member.
final class StabilityObserver implements Ordering<StabilityMessage, StabilityRecord> {

    private final Turn turn = new Turn();
    private final Ledger ledger;
    private final boolean isAlone;
    private final Waypoints waypoints = new Waypoints();
    private final OrderingStatus status = new OrderingStatus(null, false, this::details);

    /// The last record written or replayed.
    private long lastSequence;

    StabilityObserver(Setup setup) {
        ledger = new Ledger(setup, turn);
        isAlone = setup.isAlone();
    }

    @Override
    public void step(
            Now now,
            Input<StabilityMessage, StabilityRecord> input,
            Outbox<StabilityMessage, StabilityRecord> out) {
        if (ledger.hasEnded()) {
            return;
        }
        turn.begin(now, out);
        switch (input) {
            case Input.Restored<StabilityMessage, StabilityRecord> restored ->
                    ledger.restore(
                            restored.position(),
                            restored.timeNanos(),
                            restored.anchor(),
                            restored.delivered());
            case Input.Replayed<StabilityMessage, StabilityRecord> replayed ->
                    onReplayed(replayed.sequence(), replayed.record());
            case Input.History<StabilityMessage, StabilityRecord> history ->
                    onHistory(history.entries());
            case Input.Durable<StabilityMessage, StabilityRecord> durable ->
                    turn.onDurable(durable.sequence());
            case Input.SnapshotDurable<StabilityMessage, StabilityRecord> snapshot ->
                    onSnapshot(snapshot.position());
            case Input.ReadRequested<StabilityMessage, StabilityRecord> read -> {
                if (isAlone) {
                    turn.emit(new Effect.Readable<>(read.barrier(), ledger.delivered()));
                }
            }
            default -> {
                // For members: nothing here is asked of an observer.
            }
        }
        turn.end();
    }

    private void onReplayed(long sequence, StabilityRecord record) {
        turn.onReplayed(sequence);
        lastSequence = sequence;
        if (record instanceof StabilityRecord.Learnt learnt) {
            append(learnt.entry(), sequence);
        }
    }

    private boolean append(HistoryEntry entry, long sequence) {
        Anchor anchor = ledger.next(entry);
        if (anchor == null) {
            return false;
        }
        ledger.append(entry, anchor);
        waypoints.note(ledger.delivered(), sequence);
        return true;
    }

    private void onHistory(List<HistoryEntry> entries) {
        for (HistoryEntry entry : entries) {
            if (entry.position() <= ledger.delivered()) {
                continue;
            }
            if (ledger.next(entry) == null) {
                return;
            }
            lastSequence = turn.persist(new StabilityRecord.Learnt(entry));
            append(entry, lastSequence);
        }
    }

    private void onSnapshot(long position) {
        long needed = Math.min(lastSequence + 1, waypoints.earliestAfter(position));
        if (needed > 1) {
            turn.afterSync(() -> turn.emit(new Effect.Release<>(needed - 1)));
        }
    }

    @Override
    public OrderingStatus status() {
        return status;
    }

    private SortedMap<String, String> details() {
        SortedMap<String, String> details = new TreeMap<>();
        details.put("role", "observer");
        details.put("delivered", Long.toString(ledger.delivered()));
        return details;
    }
}
