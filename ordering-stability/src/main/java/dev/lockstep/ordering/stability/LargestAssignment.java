package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.ordering.stability.OpenCommands.Slot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// Every member makes a candidate; the largest of all is the unique id.
final class LargestAssignment implements Assignment {

    private final FailStopSetup setup;
    private final FailStopStep step;
    private final OpenCommands open;
    private final Progress progress;
    private final FailStopPost post;

    /// For each own command without a unique id: the candidates by rank, 0 where there is none yet.
    private final TreeMap<CommandId, long[]> asked = new TreeMap<>();

    LargestAssignment(
            FailStopSetup setup,
            FailStopStep step,
            OpenCommands open,
            Progress progress,
            FailStopPost post) {
        this.setup = setup;
        this.step = step;
        this.open = open;
        this.progress = progress;
        this.post = post;
    }

    @Override
    public Entry originate(CommandId id, long stampNanos, Batch batch) {
        Entry entry = new Entry(id, progress.nextValue(), false, stampNanos, batch);
        add(entry);
        long[] candidates = new long[setup.size()];
        candidates[setup.rank()] = entry.value();
        asked.put(id, candidates);
        decide(id, candidates);
        return entry;
    }

    @Override
    public void onPropose(int rank, Entry entry) {
        Entry here = entry.withValue(progress.nextValue(), false);
        add(here);
        progress.onReceived(rank, entry.id().number());
        post.send(rank, new FailStopMessage.Candidate(here.id(), here.value()));
    }

    private void add(Entry entry) {
        long sequence = step.persist(new FailStopRecord.Logged(entry));
        open.add(entry, sequence, step.monotonicNanos());
    }

    @Override
    public void onRepeated(int rank, CommandId id) {
        Slot slot = open.find(id);
        if (slot != null && !slot.entry().isFixed()) {
            post.send(rank, new FailStopMessage.Candidate(id, slot.entry().value()));
        }
    }

    @Override
    public void onCandidate(int rank, CommandId id, long value) {
        long[] candidates = asked.get(id);
        if (candidates != null) {
            candidates[rank] = value;
            decide(id, candidates);
        }
    }

    private void decide(CommandId id, long[] candidates) {
        if (Arrays.stream(candidates).anyMatch(candidate -> candidate == 0)) {
            return;
        }
        asked.remove(id);
        long value = Arrays.stream(candidates).max().orElseThrow();
        onFix(id, value);
        post.sendAll(new FailStopMessage.Fix(id, value));
    }

    @Override
    public void onFix(CommandId id, long value) {
        Slot slot = open.find(id);
        if (slot != null && !slot.entry().isFixed()) {
            long sequence = step.persist(new FailStopRecord.Fixed(new Mark(value, id)));
            open.fix(slot, value, sequence);
            progress.raise(value);
        }
    }

    @Override
    public List<ReplicaId> unanswered(CommandId id) {
        long[] candidates = asked.get(id);
        List<ReplicaId> unanswered = new ArrayList<>();
        for (int rank = 0; candidates != null && rank < candidates.length; rank++) {
            if (candidates[rank] == 0) {
                unanswered.add(setup.idAt(rank));
            }
        }
        return unanswered;
    }

    @Override
    public void repeat(int rank, Slot slot) {
        Entry entry = slot.entry();
        ReplicaId origin = entry.id().origin();
        if (!origin.equals(setup.self())) {
            return;
        }
        long[] candidates = asked.get(entry.id());
        if (candidates != null && candidates[rank] == 0) {
            post.send(rank, new FailStopMessage.Propose(entry));
        } else if (entry.isFixed() && progress.through(rank) < entry.value()) {
            post.send(rank, new FailStopMessage.Fix(entry.id(), entry.value()));
        }
    }
}
