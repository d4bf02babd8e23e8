package dev.lockstep.journal;

import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

/// Something for a [SnapshotKeeper] to do: a call of [dev.lockstep.core.port.Snapshots] as data.
public sealed interface SnapshotOrder {

    /// Write a snapshot; the content is closed, whatever becomes of it.
    record Write(long position, SnapshotContent content) implements SnapshotOrder {}

    /// Read a chunk of a kept snapshot.
    record Read(long token, long position, int chunk) implements SnapshotOrder {}

    /// Begin to receive a snapshot, or go on with it.
    record Receive(SnapshotDescription description) implements SnapshotOrder {}

    /// Take the next chunk of the snapshot that is received.
    record Add(Bytes chunk) implements SnapshotOrder {}
}
