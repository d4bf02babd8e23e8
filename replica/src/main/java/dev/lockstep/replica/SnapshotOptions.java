package dev.lockstep.replica;

/// When snapshots are taken, and how fast those of others are fetched.
///
/// The journal reaches back to the last snapshot but one, so it has about twice `journalBytes`.
///
/// @param journalBytes a snapshot is due when so much was written to the journal since the last
/// @param replayNanos a snapshot is due when executing what came since the last has taken so long:
///     about what a start would take to execute it again
/// @param fetchBytesPerSecond how fast a replica that is behind fetches history or a snapshot;
///     history faster where the cluster's grows by more than half of this, or it would never end
public record SnapshotOptions(long journalBytes, long replayNanos, long fetchBytesPerSecond) {

    private static final long SECOND = 1_000_000_000L;

    /// 256 MiB, ten seconds, 64 MiB a second.
    public static final SnapshotOptions DEFAULT =
            new SnapshotOptions(256L << 20, 10 * SECOND, 64L << 20);

    /// Never takes a snapshot of its own accord.
    public static final SnapshotOptions NEVER =
            new SnapshotOptions(Long.MAX_VALUE, Long.MAX_VALUE, 64L << 20);

    public SnapshotOptions {
        requirePositive(journalBytes, "journalBytes");
        requirePositive(replayNanos, "replayNanos");
        requirePositive(fetchBytesPerSecond, "fetchBytesPerSecond");
    }

    private static void requirePositive(long value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it is at least 1");
        }
    }
}
