package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import java.util.List;

/// The coordinator's clock gives the unique id.
final class OriginAssignment implements Assignment {

    private final FailStopStep step;
    private final OpenCommands open;
    private final Progress progress;

    OriginAssignment(FailStopStep step, OpenCommands open, Progress progress) {
        this.step = step;
        this.open = open;
        this.progress = progress;
    }

    @Override
    public Entry originate(CommandId id, long stampNanos, Batch batch) {
        Entry entry = new Entry(id, progress.nextValue(), true, stampNanos, batch);
        add(entry);
        return entry;
    }

    @Override
    public void onPropose(int rank, Entry entry) {
        if (entry.isFixed()) {
            add(entry);
            progress.onReceived(rank, entry.id().number());
        }
    }

    private void add(Entry entry) {
        long sequence = step.persist(new FailStopRecord.Logged(entry));
        open.add(entry, sequence, step.monotonicNanos());
    }

    // The unique id came with the command: there is nothing to ask or to repeat.

    @Override
    public void onRepeated(int rank, CommandId id) {}

    @Override
    public void onCandidate(int rank, CommandId id, long value) {}

    @Override
    public void onFix(CommandId id, long value) {}

    @Override
    public List<ReplicaId> unanswered(CommandId id) {
        return List.of();
    }

    @Override
    public void repeat(int rank, Slot slot) {}
}
