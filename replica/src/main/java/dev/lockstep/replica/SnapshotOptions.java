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
/// @param togetherNanos where members vouch for each other's snapshots: all take one when so much
///     agreed time has passed, `journalBytes` of batches or not; the same on all members
public record SnapshotOptions(
        long journalBytes, long replayNanos, long fetchBytesPerSecond, long togetherNanos) {

    private static final long SECOND = 1_000_000_000L;

    /// Five minutes.
    private static final long DEFAULT_TOGETHER_NANOS = 300 * SECOND;

    /// 256 MiB, ten seconds, 64 MiB a second.
    public static final SnapshotOptions DEFAULT =
            new SnapshotOptions(256L << 20, 10 * SECOND, 64L << 20);

    /// Never takes a snapshot of its own accord.
    public static final SnapshotOptions NEVER =
            new SnapshotOptions(Long.MAX_VALUE, Long.MAX_VALUE, 64L << 20, Long.MAX_VALUE);

    public SnapshotOptions {
        requirePositive(journalBytes, "journalBytes");
        requirePositive(replayNanos, "replayNanos");
        requirePositive(fetchBytesPerSecond, "fetchBytesPerSecond");
        requirePositive(togetherNanos, "togetherNanos");
    }

    /// The same, five minutes between two that are taken together.
    public SnapshotOptions(long journalBytes, long replayNanos, long fetchBytesPerSecond) {
        this(journalBytes, replayNanos, fetchBytesPerSecond, DEFAULT_TOGETHER_NANOS);
    }

    /// The same with so much agreed time between two that are taken together.
    public SnapshotOptions withTogetherNanos(long nanos) {
        return new SnapshotOptions(journalBytes, replayNanos, fetchBytesPerSecond, nanos);
    }

    private static void requirePositive(long value, String name) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it is at least 1");
        }
    }
}
