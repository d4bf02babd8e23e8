package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.port.SnapshotDescription;

import org.jspecify.annotations.Nullable;

/// When this replica takes a snapshot of itself.
sealed interface SnapshotTaking permits Snapshotting, SnapshottingTogether {

    /// One batch was executed.
    ///
    /// @param bytes of its payload
    /// @param beforeNanos agreed time before it
    /// @param timeNanos agreed time with it
    /// @param tookNanos how long it took
    /// @param isLive false while the journal is replayed
    record Executed(
            long position,
            int bytes,
            long beforeNanos,
            long timeNanos,
            long tookNanos,
            boolean isLive) {}

    /// The newest snapshot's position; 0 without one.
    long lastPosition();

    /// The replica begins with the state of a snapshot.
    void restored(long position);

    /// A record of what came after that state survived the last boot.
    void onReplayed(int bytes);

    /// The state is that after this batch until this returns.
    ///
    /// @param mayTake false while this replica's state is not to be kept
    void onExecuted(Now now, Executed executed, boolean mayTake);

    /// The end of a duty cycle.
    void advance(Now now);

    /// A member needs a snapshot that holds at least `position`.
    void want(long position);

    /// A member was sent a part of a snapshot.
    void onFetched(Now now);

    /// A snapshot was found damaged: another takes its place.
    void onDamaged();

    /// The snapshot is durable. Returns the one before it, which from now on stands for what the
    /// journal had before; null if there is none.
    @Nullable SnapshotDescription onWritten(Now now, SnapshotDescription snapshot);

    /// The snapshot could not be written.
    void onFailed(Now now, String reason);

    /// When [#advance] is to be called at the latest, monotonic.
    long nextDeadlineNanos();
}
