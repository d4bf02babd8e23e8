package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// Gets a snapshot from a member, chunk after chunk, when this replica is behind by more than any
/// journal's history. The chunks go to this replica's own disk, so that after an interruption, of
/// the connection or of a process, it goes on where it was.
///
/// When the last chunk is there the snapshot is published, and the replica begins anew from its
/// disk: that is all that becomes of it.
final class SnapshotFetch implements SnapshotFetching {

    /// How long a member has to answer.
    static final long TIMEOUT_NANOS = 1_000_000_000L;

    /// So often one member is asked the same in vain before another is.
    static final int MOST_TRIES = 5;

    private enum Step {
        /// Nothing is fetched.
        IDLE,
        /// The source was asked what it has.
        ASKED_WHAT,
        /// The own disk is looked through for what is there already, or takes a chunk.
        AT_DISK,
        /// The source was asked for a chunk.
        ASKED_CHUNK,
        /// The next chunk is not asked for yet, so as to go no faster than allowed.
        PAUSING
    }

    private final CurrentReign current;
    private final PeerTable table;
    private final long bytesPerSecond;
    private final PeerPort peers;
    private final Snapshots snapshots;
    private final ReplicaListener listener;

    private Step step = Step.IDLE;

    /// Who is asked, or was last.
    private ReplicaId source;

    /// A snapshot that holds less is of no use.
    private long atLeast;

    /// What is fetched; null before the source has said what it has.
    private @Nullable SnapshotDescription wanted;

    /// The next chunk.
    private int chunk;

    /// When the source is asked again, or the pause ends; monotonic.
    private long deadline = Long.MAX_VALUE;

    /// How often it was asked the same in vain.
    private int tries;

    /// Members asked in vain one after the other.
    private int inVain;

    /// The next chunk is not asked for before, monotonic.
    private long nextChunkNanos;

    SnapshotFetch(
            ReplicaOptions options, ReplicaPorts ports, CurrentReign current, PeerTable table) {
        this.current = current;
        this.table = table;
        this.bytesPerSecond = options.snapshots().fetchBytesPerSecond();
        this.peers = ports.peers();
        this.snapshots = ports.snapshots();
        this.listener = ports.listener();
        this.source = current.self();
    }

    @Override
    public boolean isUnderWay() {
        return step != Step.IDLE;
    }

    @Override
    public void begin(Now now, ReplicaId from, long least) {
        if (step == Step.IDLE && !from.equals(current.self())) {
            atLeast = least;
            source = from;
            inVain = 0;
            askWhat(now);
        }
    }

    private void askWhat(Now now) {
        step = Step.ASKED_WHAT;
        wanted = null;
        tries = 0;
        ask(now, SnapshotFrames.needSnapshot(current.epoch(), atLeast));
    }

    private void ask(Now now, Bytes frame) {
        boolean isSent = peers.send(source, frame, Bytes.EMPTY, 0);
        deadline = now.monotonicNanos() + (isSent ? TIMEOUT_NANOS : TIMEOUT_NANOS / 10);
    }

    @Override
    public void onFrame(Now now, ReplicaId from, int kind, Bytes content, long executed) {
        switch (kind) {
            case SnapshotFrames.SNAPSHOT_OFFER ->
                    onOffer(now, from, SnapshotFrames.decodeOffer(content), executed);
            case SnapshotFrames.CHUNK -> onChunk(from, SnapshotFrames.decodeChunk(content));
            // Nobody was asked for a proof.
            case CheckpointFrames.PROOF -> {
                var _ = CheckpointFrames.decodeProof(content);
            }
            default -> throw new MalformedException("no peer's frame has kind " + kind);
        }
    }

    /// @param executed how far this replica has come by itself
    void onOffer(Now now, ReplicaId from, @Nullable SnapshotDescription offered, long executed) {
        boolean isAnswer = step == Step.ASKED_WHAT || step == Step.ASKED_CHUNK;
        if (!isAnswer || !from.equals(source)) {
            return;
        }
        if (offered == null
                || offered.position() < atLeast
                || (atLeast == 0 && offered.position() <= executed)) {
            passOver(now);
            return;
        }
        wanted = offered;
        step = Step.AT_DISK;
        deadline = Long.MAX_VALUE;
        listener.onSnapshotFetched(from, offered.position(), 0, offered.chunks());
        snapshots.receive(offered);
    }

    void onChunk(ReplicaId from, SnapshotFrames.Sent sent) {
        SnapshotDescription fetched = wanted;
        if (step == Step.ASKED_CHUNK
                && fetched != null
                && from.equals(source)
                && sent.position() == fetched.position()
                && sent.chunk() == chunk) {
            step = Step.AT_DISK;
            deadline = Long.MAX_VALUE;
            snapshots.add(sent.bytes());
        }
    }

    @Override
    public void onProgress(Now now, int next) {
        SnapshotDescription fetched = wanted;
        if (step != Step.AT_DISK || fetched == null) {
            return;
        }
        if (next > chunk) {
            inVain = 0;
        }
        chunk = next;
        tries = 0;
        listener.onSnapshotFetched(source, fetched.position(), next, fetched.chunks());
        if (now.monotonicNanos() < nextChunkNanos) {
            step = Step.PAUSING;
            deadline = nextChunkNanos;
        } else {
            askChunk(now, fetched);
        }
    }

    private void askChunk(Now now, SnapshotDescription fetched) {
        step = Step.ASKED_CHUNK;
        long chunkBytes = fetched.sizeBytes() / Math.max(1, fetched.chunks());
        nextChunkNanos =
                now.monotonicNanos() + Math.ceilDiv(chunkBytes * 1_000_000_000L, bytesPerSecond);
        ask(now, SnapshotFrames.needChunk(current.epoch(), fetched.position(), chunk));
    }

    /// The disk refused a chunk, or has no room: another member may have a better one.
    @Override
    public void onRefused(Now now, String reason) {
        if (step == Step.AT_DISK) {
            listener.onSnapshotRefused(source, reason);
            passOver(now);
        }
    }

    @Override
    public void onComplete() {
        step = Step.IDLE;
        deadline = Long.MAX_VALUE;
    }

    @Override
    public void advance(Now now) {
        if (now.monotonicNanos() < deadline) {
            return;
        }
        SnapshotDescription fetched = wanted;
        if (fetched != null && step == Step.PAUSING) {
            askChunk(now, fetched);
        } else if (tries + 1 >= MOST_TRIES) {
            passOver(now);
        } else {
            tries++;
            ask(
                    now,
                    fetched == null
                            ? SnapshotFrames.needSnapshot(current.epoch(), atLeast)
                            : SnapshotFrames.needChunk(current.epoch(), fetched.position(), chunk));
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return deadline;
    }

    /// Asks the next member; after all of them in vain it stops, and begins again when the protocol
    /// says again that it is behind.
    private void passOver(Now now) {
        inVain++;
        ReplicaId next = table.sourceAfter(source);
        if (next == null || inVain >= table.sources().size()) {
            step = Step.IDLE;
            deadline = Long.MAX_VALUE;
            return;
        }
        source = next;
        askWhat(now);
    }
}
