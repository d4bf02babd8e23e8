package dev.lockstep.replica;

import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Now;

import java.util.List;

/// How fast a replica that is behind fetches history: no faster than it is allowed, so that clients
/// notice little, but twice as fast as the cluster goes on, or it would never be there.
final class FetchPace {

    /// The cluster's speed is measured over at least so long, so that one burst says little.
    static final long WINDOW_NANOS = 200_000_000L;

    /// How much faster than the cluster.
    static final int LEAD = 2;

    private static final long SECOND = 1_000_000_000L;

    private final long allowedPerSecond;

    /// Bytes a second that the cluster's history grows by, as last measured.
    private long growthPerSecond;

    /// When this window began, monotonic.
    private long since;

    /// How far the cluster was then; 0 if there is no window.
    private long positionThen;

    private long fetchedBytes;
    private long fetchedPositions;

    /// @param allowedPerSecond bytes a second
    FetchPace(long allowedPerSecond) {
        this.allowedPerSecond = allowedPerSecond;
    }

    /// Nothing is fetched any more: what is measured next has no beginning yet.
    void rest() {
        positionThen = 0;
    }

    /// Takes in what came.
    ///
    /// @param through how far the member was that sent it
    /// @return how long it may take to fetch so much, in nanoseconds
    long nanosFor(Now now, List<HistoryEntry> entries, long through) {
        long bytes = 0;
        for (HistoryEntry entry : entries) {
            bytes += entry.batch().payload().size();
        }
        measure(now, bytes, entries.size(), through);
        long perSecond = Math.max(allowedPerSecond, LEAD * growthPerSecond);
        return (long) Math.ceil((double) bytes * SECOND / perSecond);
    }

    private void measure(Now now, long bytes, int positions, long through) {
        if (positionThen == 0) {
            since = now.monotonicNanos();
            positionThen = through;
            fetchedBytes = 0;
            fetchedPositions = 0;
        }
        fetchedBytes += bytes;
        fetchedPositions += positions;
        long nanos = now.monotonicNanos() - since;
        if (nanos >= WINDOW_NANOS) {
            double grown = Math.max(0, through - positionThen);
            double bytesEach = (double) fetchedBytes / fetchedPositions;
            growthPerSecond = (long) (grown * bytesEach * SECOND / nanos);
            positionThen = 0;
        }
    }
}
