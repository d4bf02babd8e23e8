package dev.lockstep.core.port;

import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// Where a replica's snapshots are kept, and those of others on their way here. Never blocks: what
/// is asked for is done elsewhere, one thing after the other, and answered through the replica's
/// `onSnapshot`, never from within the call.
///
/// Threading: the replica's thread.
public interface Snapshots {

    /// A replica without snapshots: its journal grows for ever.
    Snapshots NONE = new None();

    /// The complete snapshots that are known to be intact, newest first.
    List<SnapshotDescription> kept();

    /// Writes a snapshot and closes the content, whatever becomes of it. Answered by
    /// [SnapshotEvent.Written] or [SnapshotEvent.Failed]. One at a time.
    void write(long position, SnapshotContent content);

    /// Reads one chunk of a kept snapshot, for a member that fetches it. Answered by
    /// [SnapshotEvent.Read] with the same token, if it can be read.
    void read(long token, long position, int chunk);

    /// Begins to receive a snapshot, or goes on where an earlier call, of this boot or another, has
    /// stopped. Answered by [SnapshotEvent.Progress], or as [#add] if all of it is here.
    void receive(SnapshotDescription description);

    /// The next chunk of the snapshot that is received; after the last one it is published.
    /// Answered by [SnapshotEvent.Progress], [SnapshotEvent.Refused] or, after the last,
    /// [SnapshotEvent.Installed].
    void add(Bytes chunk);

    /// A clock that never goes back, in nanoseconds, to measure how long executing takes. No
    /// promise hangs on it.
    long stopwatchNanos();

    /// Keeps nothing.
    final class None implements Snapshots {
        private None() {}

        @Override
        public List<SnapshotDescription> kept() {
            return List.of();
        }

        @Override
        public void write(long position, SnapshotContent content) {
            throw new UnsupportedOperationException("there is no place for snapshots");
        }

        @Override
        public void read(long token, long position, int chunk) {
            throw new UnsupportedOperationException("there is no place for snapshots");
        }

        @Override
        public void receive(SnapshotDescription description) {
            throw new UnsupportedOperationException("there is no place for snapshots");
        }

        @Override
        public void add(Bytes chunk) {
            throw new UnsupportedOperationException("there is no place for snapshots");
        }

        @Override
        public long stopwatchNanos() {
            return 0;
        }
    }
}
