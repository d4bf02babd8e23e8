package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

/// Gets a snapshot from other members, chunk after chunk, when this replica is behind by more than
/// any journal's history, or is to take the place of what it has.
sealed interface SnapshotFetching permits SnapshotFetch, VouchedFetch {

    boolean isUnderWay();

    /// A member has what this replica needs only in a snapshot.
    ///
    /// @param least a snapshot that holds less than this position is of no use; 0 for any that is
    ///     newer than what is here
    void begin(Now now, ReplicaId from, long least);

    /// A frame with an answer; what was not asked for is passed over.
    ///
    /// @param executed how far this replica has come by itself
    /// @throws dev.lockstep.core.wire.MalformedException if it is none
    void onFrame(Now now, ReplicaId from, int kind, Bytes content, long executed);

    /// The disk has everything before `next`.
    void onProgress(Now now, int next);

    /// The disk refused a chunk, or has no room.
    void onRefused(Now now, String reason);

    /// The whole snapshot is published: nothing is left to do.
    void onComplete();

    void advance(Now now);

    /// When [#advance] is to be called at the latest, monotonic.
    long nextDeadlineNanos();
}
