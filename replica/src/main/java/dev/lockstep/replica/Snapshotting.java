package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// When this replica takes a snapshot of itself: after so much journal, or so much executing, that
/// a start would take too long; or when the disk is nearly full, since it lets some of the journal
/// go.
///
/// The protocol is told of the last snapshot but one, so that the journal always leads on from two:
/// if the newest is damaged, the one before it and the journal are as good.
///
/// While a member fetches the newest one the next waits: two later ones would take it away from
/// that member, which would begin again with another, and so on for as long as there is load.
/// Meanwhile the journal grows by what the snapshot has, and no more.
final class Snapshotting implements SnapshotTaking {

    /// A snapshot that failed is not tried again before.
    static final long RETRY_NANOS = 5_000_000_000L;

    /// A member that has asked for a chunk goes on fetching for so long, or begins with what it
    /// has.
    static final long FETCH_NANOS = 5_000_000_000L;

    /// One is late that is begun when a quarter more journal is there than makes one due.
    private static final int LATE_PART = 4;

    /// What a snapshot is made of.
    interface Source {
        /// The state as it is.
        ///
        /// @throws Service.CannotFreezeException if the service cannot say
        SnapshotContent freeze() throws Service.CannotFreezeException;

        /// How far it has come.
        long position();
    }

    /// Who has a say in when.
    interface Gate {

        /// Any time will do.
        Gate OPEN =
                new Gate() {
                    @Override
                    public boolean mayFreeze(Now now) {
                        return true;
                    }

                    @Override
                    public void notDue(Now now) {}

                    @Override
                    public void onBegun(Now now) {}

                    @Override
                    public void onEnded(Now now) {}
                };

        /// A snapshot is due: true if it may be taken now. Otherwise it is asked again.
        boolean mayFreeze(Now now);

        /// No snapshot is due, or not any more.
        void notDue(Now now);

        /// One was begun.
        void onBegun(Now now);

        /// It was written, or could not be.
        void onEnded(Now now);
    }

    private final Gate gate;

    /// True while one is due and the gate is shut: who shuts it says when to look again.
    private boolean isGated;

    private final SnapshotOptions options;
    private final Snapshots snapshots;
    private final Journal journal;
    private final Source source;
    private final ReplicaListener listener;

    /// So many bytes of journal make the next snapshot due.
    private long dueBytes;

    /// The same for the first one, and after one that was begun late, as all replicas' are after a
    /// burst: another number at each, so that they do not write theirs at the same time, nor those
    /// that follow.
    private final long apartBytes;

    /// The newest snapshot: its position, or that of the state that the replica began with.
    private long lastPosition;

    /// The position of the snapshot that is being written; 0 if none is.
    private long writing;

    /// What [Journal#appendedBytes] was when the last snapshot was taken, less what was replayed
    /// since.
    private long bytesBefore;

    /// What executing has taken since the last snapshot.
    private long executedNanos;

    /// A member wants one that holds at least this; 0 if none does.
    private long wanted;

    /// A snapshot was found damaged, and no other was taken since.
    private boolean replaces;

    /// A member fetches one until then, monotonic.
    private long fetchedUntil = Long.MIN_VALUE;

    /// No snapshot is taken before, monotonic.
    private long notBefore = Long.MIN_VALUE;

    /// None is taken before for want of room alone, monotonic.
    private long roomAgainNanos = Long.MIN_VALUE;

    Snapshotting(ReplicaOptions options, ReplicaPorts ports, Source source, Gate gate) {
        this.gate = gate;
        this.options = options.snapshots();
        this.snapshots = ports.snapshots();
        this.journal = ports.journal();
        this.source = source;
        this.listener = ports.listener();
        // Who is no member comes when the first one does.
        int rank = Math.max(0, options.members().indexOf(options.self()));
        int members = options.members().size();
        long part = this.options.journalBytes() / members;
        apartBytes =
                rank + 1 == members ? this.options.journalBytes() : Math.max(1, part * (rank + 1));
        dueBytes = apartBytes;
    }

    @Override
    public long lastPosition() {
        return lastPosition;
    }

    /// True while one is being written.
    boolean isWriting() {
        return writing != 0;
    }

    @Override
    public void restored(long position) {
        lastPosition = position;
        dueBytes = options.journalBytes();
    }

    @Override
    public void onReplayed(int bytes) {
        bytesBefore -= bytes;
    }

    @Override
    public void onExecuted(Now now, Executed executed, boolean mayTake) {
        onExecuted(executed.tookNanos());
    }

    void onExecuted(long nanos) {
        executedNanos += nanos;
    }

    /// The end of a duty cycle: takes a snapshot if it is time.
    @Override
    public void advance(Now now) {
        long position = source.position();
        if (writing != 0) {
            return;
        }
        if (position <= lastPosition
                || now.monotonicNanos() < notBefore
                || !isDue(now.monotonicNanos())) {
            isGated = false;
            gate.notDue(now);
            return;
        }
        isGated = !gate.mayFreeze(now);
        if (isGated) {
            return;
        }
        writing = position;
        notBefore = Long.MIN_VALUE;
        roomAgainNanos = journal.hasRoom() ? Long.MIN_VALUE : now.monotonicNanos() + RETRY_NANOS;
        // Late by what is usual, not by what was asked for after the last late one: else that would
        // be late as well, and so on.
        long usual = options.journalBytes();
        long lateBytes = journal.appendedBytes() - bytesBefore - usual;
        dueBytes = lateBytes > usual / LATE_PART ? apartBytes : usual;
        bytesBefore = journal.appendedBytes();
        executedNanos = 0;
        listener.onSnapshotBegun(position);
        gate.onBegun(now);
        try {
            snapshots.write(position, source.freeze());
        } catch (Service.CannotFreezeException thrown) {
            onFailed(now, String.valueOf(thrown.getMessage()));
        }
    }

    @Override
    public void want(long position) {
        if (position > lastPosition) {
            wanted = Math.max(wanted, position);
        }
    }

    @Override
    public void onFetched(Now now) {
        fetchedUntil = now.monotonicNanos() + FETCH_NANOS;
    }

    /// A snapshot was found damaged: another takes its place soon.
    @Override
    public void onDamaged() {
        List<SnapshotDescription> kept = snapshots.kept();
        lastPosition = kept.isEmpty() ? 0 : kept.getFirst().position();
        replaces = true;
    }

    private boolean isDue(long nanos) {
        boolean isFetched = nanos < fetchedUntil;
        List<SnapshotDescription> kept = snapshots.kept();
        long patience = isFetched && !kept.isEmpty() ? kept.getFirst().sizeBytes() : 0;
        return (wanted > lastPosition && source.position() >= wanted)
                || replaces
                || (!journal.hasRoom() && nanos >= roomAgainNanos)
                || journal.appendedBytes() - bytesBefore - patience >= dueBytes
                || (!isFetched && executedNanos >= options.replayNanos());
    }

    @Override
    public @Nullable SnapshotDescription onWritten(Now now, SnapshotDescription snapshot) {
        writing = 0;
        gate.onEnded(now);
        replaces = false;
        lastPosition = Math.max(lastPosition, snapshot.position());
        listener.onSnapshotWritten(snapshot.position(), snapshot.sizeBytes());
        List<SnapshotDescription> kept = snapshots.kept();
        return kept.size() > 1 ? kept.get(1) : null;
    }

    /// The snapshot could not be written; the next attempt comes by itself.
    @Override
    public void onFailed(Now now, String reason) {
        listener.onSnapshotFailed(writing, reason);
        writing = 0;
        gate.onEnded(now);
        bytesBefore -= Math.min(options.journalBytes(), Long.MAX_VALUE / 4);
        notBefore = now.monotonicNanos() + RETRY_NANOS;
    }

    @Override
    public long nextDeadlineNanos() {
        long next = Math.max(notBefore, roomAgainNanos);
        boolean waits =
                writing == 0
                        && !isGated
                        && next != Long.MIN_VALUE
                        && source.position() > lastPosition
                        && isDue(Long.MAX_VALUE);
        return waits ? Math.max(next, fetchedUntil) : Long.MAX_VALUE;
    }
}
