package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

/// Follows the cluster where no protocol does: as a replica that is no member, and as one whose
/// epoch has ended without its knowledge. It asks for history again and again, and says how far it
/// is.
final class Pursuit {

    /// So often it is asked whether there is more.
    static final long POLL_NANOS = 20_000_000L;

    /// So often the others are told how far this replica is.
    static final long PROGRESS_NANOS = 50_000_000L;

    private final CurrentReign current;
    private final CurrentEngine engine;
    private final PeerTable table;
    private final PeerPort peers;
    private final HistoryIndex index;
    private final HistoryFetch fetch;
    private final SnapshotDuties duties;
    private final Jury jury;

    /// When it asks again, monotonic.
    private long pollAt;

    private long sayAt;

    Pursuit(
            CurrentReign current,
            CurrentEngine engine,
            PeerTable table,
            PeerPort peers,
            HistoryIndex index,
            HistoryFetch fetch,
            SnapshotDuties duties,
            Jury jury) {
        this.jury = jury;
        this.current = current;
        this.engine = engine;
        this.table = table;
        this.peers = peers;
        this.index = index;
        this.fetch = fetch;
        this.duties = duties;
    }

    /// True if there is a later epoch.
    boolean isInThePast() {
        int size = current.members().size();
        return table.isPast(jury.voices(current.members()), size - jury.voices(current.members()));
    }

    private boolean isFollowing() {
        return engine.isPresent() && (!current.isMember() || isInThePast());
    }

    /// Asks at once: there is news.
    void hurry() {
        pollAt = Long.MIN_VALUE;
    }

    void advance(Now now) {
        if (!isFollowing()) {
            return;
        }
        if (now.monotonicNanos() >= pollAt && !fetch.isUnderWay() && !duties.isFetching()) {
            pollAt = now.monotonicNanos() + POLL_NANOS;
            fetch.need(now, index.deliveredThrough() + 1);
        }
        if (now.monotonicNanos() >= sayAt && !current.isMember()) {
            sayAt = now.monotonicNanos() + PROGRESS_NANOS;
            Bytes frame = EpochFrames.progress(current.epoch(), index.deliveredThrough());
            for (ReplicaId member : table.sources()) {
                peers.send(member, frame, Bytes.EMPTY, 0);
            }
        }
    }

    long nextDeadlineNanos() {
        if (!isFollowing()) {
            return Long.MAX_VALUE;
        }
        long next = current.isMember() ? Long.MAX_VALUE : sayAt;
        return fetch.isUnderWay() || duties.isFetching() ? next : Math.min(next, pollAt);
    }
}
