package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.function.Consumer;

/// A journal in the segment files of a [FileStore].
///
/// The driver's duty, in every cycle after the replica's `advance`:
/// 1. [#nextGroup]; if there is one, [Group#write] and [Group#force] on any thread, then
///    [#onDurable] on the replica's, and `Replica.onDurable` with the result. If the write threw a
///    [DiskFullException], [#onDiskFull] instead, and [#nextGroup] again after a pause.
/// 2. [#preparation]; if there is one, [Preparation#run] on a background thread or at once, then
///    [#onPrepared].
/// 3. When nothing has happened for a while (some milliseconds), [#markIfIdle]: a group like any
///    other.
///
/// Threading: the replica's thread, except where said otherwise.
public final class SegmentJournal implements Journal, AutoCloseable {

    private SegmentJournal() {}

    /// Opens what is in the store, or begins a journal in an empty one.
    ///
    /// @throws JournalDamagedException if something that was durable has changed or is gone
    /// @throws DiskFullException if there is no room for the first segment
    public static SegmentJournal open(
            FileStore store, ClusterId cluster, GroupId group, JournalOptions options)
            throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    /// What opening found and did.
    public RecoveryReport recovery() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Hands over all records that there were when the journal was opened, in order, reading them
    /// one by one. Before the first [#append].
    ///
    /// @throws JournalDamagedException if a record can no longer be read
    public void replay(Consumer<JournalRecord> sink) throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Everything appended and in no group, or null: if there is nothing, a group is outstanding,
    /// or the next segment is being prepared. After [#onDiskFull] the same group again.
    public @Nullable Group nextGroup() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The group was written and forced. Returns [#durableThrough()].
    public long onDurable(Group group) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// There was no room for the group: [#hasRoom] is false until writing it succeeds.
    public void onDiskFull(Group group, DiskFullException reason) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// A group that says that all records are durable and holds none, or null if that is said
    /// already or something else is to be written. Without it, a crash that damages the last group
    /// looks like a torn write. Its [Group#force] does nothing.
    public @Nullable Group markIfIdle() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// What is to be done in the background, or null.
    public @Nullable Preparation preparation() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The preparation was run.
    public void onPrepared(Preparation preparation) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Records below `sequence` are not needed any more: whole segments of them will be deleted by
    /// the next [#preparation].
    public void dropBefore(long sequence) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The first record that [#read] can read; one more than [#lastSequence] if there is none.
    public long firstSequence() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public long append(int kind, long epoch, Bytes head, Bytes body) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public long lastSequence() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public long durableThrough() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public long pendingBytes() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public boolean hasRoom() {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public JournalRecord read(long sequence) {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Closes the files. What is not durable may be lost, as at a crash.
    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }
}
