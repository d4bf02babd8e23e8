package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Takes snapshots at positions that follow from the order alone, so that all members take them of
/// the same states and can vouch for each other's: whenever so many bytes were ordered since the
/// last such position, and once in so much agreed time.
///
/// The bytes are counted from where the epoch began, or from the snapshot that the replica has
/// begun with, which was taken at such a position. Whoever still writes one when the next is due,
/// or
/// only replays its journal, passes it over, and takes the one after it.
final class SnapshottingTogether implements SnapshotTaking {

    /// What a batch counts for beside its payload: about what a protocol that signs writes down for
    /// it, with votes and what proves it. What it really is differs from member to member.
    static final int BATCH_BYTES = 1_024;

    private final SnapshotOptions options;
    private final Snapshots snapshots;
    private final CurrentReign current;
    private final Snapshotting.Source source;
    private final Snapshotting.Gate gate;
    private final ReplicaListener listener;

    /// The newest snapshot: its position, or that of the state that the replica began with.
    private long lastPosition;

    /// The position of the snapshot that is being written; 0 if none is.
    private long writing;

    /// What was ordered since the last position at which one was due.
    private long bytes;

    SnapshottingTogether(
            ReplicaOptions options,
            ReplicaPorts ports,
            CurrentReign current,
            Snapshotting.Source source,
            Snapshotting.Gate gate) {
        this.options = options.snapshots();
        this.snapshots = ports.snapshots();
        this.current = current;
        this.source = source;
        this.gate = gate;
        this.listener = ports.listener();
    }

    @Override
    public long lastPosition() {
        return lastPosition;
    }

    @Override
    public void restored(long position) {
        lastPosition = position;
    }

    @Override
    public void onReplayed(int recordBytes) {}

    @Override
    public void onExecuted(Now now, Executed executed, boolean mayTake) {
        long position = executed.position();
        long begins = current.get().after() + 1;
        if (position < begins) {
            return;
        }
        if (position == begins) {
            bytes = 0;
        }
        bytes += (long) executed.bytes() + BATCH_BYTES;
        if (!isDue(executed)) {
            return;
        }
        bytes = 0;
        if (executed.isLive() && mayTake && writing == 0 && position > lastPosition) {
            take(now, position);
        }
    }

    private boolean isDue(Executed executed) {
        long every = options.togetherNanos();
        long before = executed.beforeNanos();
        return bytes >= options.journalBytes()
                || (before > 0
                        && Math.floorDiv(before, every)
                                < Math.floorDiv(executed.timeNanos(), every));
    }

    private void take(Now now, long position) {
        writing = position;
        listener.onSnapshotBegun(position);
        gate.onBegun(now);
        try {
            snapshots.write(position, source.freeze());
        } catch (Service.CannotFreezeException thrown) {
            onFailed(now, String.valueOf(thrown.getMessage()));
        }
    }

    @Override
    public void advance(Now now) {}

    /// The next one comes when it is due, at all members.
    @Override
    public void want(long position) {}

    @Override
    public void onFetched(Now now) {}

    @Override
    public void onDamaged() {
        List<SnapshotDescription> kept = snapshots.kept();
        lastPosition = kept.isEmpty() ? 0 : kept.getFirst().position();
    }

    @Override
    public @Nullable SnapshotDescription onWritten(Now now, SnapshotDescription snapshot) {
        writing = 0;
        gate.onEnded(now);
        lastPosition = Math.max(lastPosition, snapshot.position());
        listener.onSnapshotWritten(snapshot.position(), snapshot.sizeBytes());
        List<SnapshotDescription> kept = snapshots.kept();
        return kept.size() > 1 ? kept.get(1) : null;
    }

    @Override
    public void onFailed(Now now, String reason) {
        listener.onSnapshotFailed(writing, reason);
        writing = 0;
        gate.onEnded(now);
    }

    @Override
    public long nextDeadlineNanos() {
        return Long.MAX_VALUE;
    }
}
