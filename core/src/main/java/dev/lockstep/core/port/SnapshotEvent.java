package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

/// What became of something that was asked of [Snapshots].
public sealed interface SnapshotEvent {

    /// A snapshot was written, is durable, and is in the list of those that are kept.
    record Written(SnapshotDescription snapshot) implements SnapshotEvent {}

    /// A snapshot could not be written.
    ///
    /// @param reason a sentence for the operator
    record Failed(String reason) implements SnapshotEvent {}

    /// A chunk was read.
    ///
    /// @param token as it was asked for
    record Read(long token, Bytes chunk) implements SnapshotEvent {}

    /// A kept snapshot was found damaged while it was read, and is kept no more.
    ///
    /// @param reason a sentence for the operator
    record Damaged(long position, String reason) implements SnapshotEvent {}

    /// Of the snapshot that is received, all chunks before `next` are here.
    record Progress(int next) implements SnapshotEvent {}

    /// What was received is no chunk of the snapshot, or there is no room for it.
    ///
    /// @param reason a sentence for the operator
    record Refused(String reason) implements SnapshotEvent {}

    /// The snapshot that was received is complete, durable, and the only one that is kept.
    record Installed(SnapshotDescription snapshot) implements SnapshotEvent {}
}
