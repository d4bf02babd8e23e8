package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.Snapshots;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.replica.CheckpointFrames.Proof;
import dev.lockstep.replica.CheckpointFrames.Signature;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;
import java.util.TreeSet;

/// Gets a snapshot that so many members have signed for that one of them is honest. Every chunk is
/// held against the digests that were signed before it goes to the disk. A member that offers what
/// is not signed for or what it does not have, sends another chunk than was signed for or none in
/// time is left for another, which is asked what it can prove: if that is the same, the transfer
/// goes on where it was. So is one that takes long, for the next chunk. Next time those are asked
/// first that were left least often, or one that offers what it never sends would keep this replica
/// busy for ever.
///
/// What is on the disk after an interruption was checked when it came.
final class VouchedFetch implements SnapshotFetching {

    /// How long a member has to answer.
    static final long TIMEOUT_NANOS = 1_000_000_000L;

    /// Whoever takes longer for a chunk is left for another.
    static final long SLOW_NANOS = 200_000_000L;

    /// So often it is asked the same in vain: a question may have been lost.
    static final int MOST_TRIES = 2;

    private enum Step {
        /// Nothing is fetched.
        IDLE,
        /// The source was asked what it can prove.
        ASKED_PROOF,
        /// The own disk is looked through for what is there already, or takes a chunk.
        AT_DISK,
        /// The source was asked for a chunk.
        ASKED_CHUNK,
        /// The next chunk is not asked for yet, so as to go no faster than allowed.
        PAUSING
    }

    private final ClusterId cluster;
    private final Trust trust;
    private final Jury jury;
    private final CurrentReign current;
    private final PeerTable table;
    private final long bytesPerSecond;
    private final PeerPort peers;
    private final Snapshots snapshots;
    private final ReplicaListener listener;
    private final ReplicaRules rules;

    private Step step = Step.IDLE;

    /// Who is asked, or was last.
    private ReplicaId source;

    /// Who is not asked again in this transfer.
    private final TreeSet<ReplicaId> passedOver = new TreeSet<>();

    /// How often each was left for another since the process started.
    private final TreeMap<ReplicaId, Integer> demerits = new TreeMap<>();

    /// When the last question was asked first, monotonic.
    private long askedNanos;

    /// A snapshot that holds less is of no use.
    private long atLeast;

    /// What is fetched; null before a member has shown what it has.
    private @Nullable Proof wanted;

    /// The next chunk.
    private int chunk;

    /// When the source is asked again, or the pause ends; monotonic.
    private long deadline = Long.MAX_VALUE;

    /// How often it was asked the same in vain.
    private int tries;

    /// The next chunk is not asked for before, monotonic.
    private long nextChunkNanos;

    /// True if the last chunk took long.
    private boolean isSlow;

    VouchedFetch(
            ReplicaOptions options,
            ReplicaPorts ports,
            Jury jury,
            CurrentReign current,
            PeerTable table,
            ReplicaRules rules) {
        this.cluster = options.clusterId();
        this.trust = ports.trust();
        this.jury = jury;
        this.current = current;
        this.table = table;
        this.bytesPerSecond = options.snapshots().fetchBytesPerSecond();
        this.peers = ports.peers();
        this.snapshots = ports.snapshots();
        this.listener = ports.listener();
        this.source = current.self();
        this.rules = rules;
    }

    @Override
    public boolean isUnderWay() {
        return step != Step.IDLE;
    }

    @Override
    public void begin(Now now, ReplicaId from, long least) {
        if (step == Step.IDLE && !from.equals(current.self())) {
            atLeast = least;
            passedOver.clear();
            askBest(now);
        }
    }

    /// Asks who was left least often of those that were not asked yet in this transfer; if there is
    /// nobody it stops, and begins again when the protocol says again that it is behind.
    private void askBest(Now now) {
        wanted = null;
        ReplicaId best = null;
        for (ReplicaId each : table.sources()) {
            boolean isBetter =
                    best == null || demerits.getOrDefault(each, 0) < demerits.getOrDefault(best, 0);
            if (isBetter && !passedOver.contains(each)) {
                best = each;
            }
        }
        if (best == null) {
            onComplete();
        } else {
            source = best;
            askFirst(now);
        }
    }

    private void askFirst(Now now) {
        tries = 0;
        askedNanos = now.monotonicNanos();
        step = wanted == null ? Step.ASKED_PROOF : Step.ASKED_CHUNK;
        ask(now);
    }

    private void ask(Now now) {
        Proof proof = wanted;
        Bytes question =
                proof == null
                        ? CheckpointFrames.needProof(current.epoch(), atLeast)
                        : SnapshotFrames.needChunk(
                                current.epoch(), proof.checkpoint().position(), chunk);
        boolean isSent = peers.send(source, question, Bytes.EMPTY, 0);
        deadline = now.monotonicNanos() + (isSent ? TIMEOUT_NANOS : TIMEOUT_NANOS / 10);
    }

    @Override
    public void onFrame(Now now, ReplicaId from, int kind, Bytes content, long executed) {
        switch (kind) {
            case CheckpointFrames.PROOF -> {
                Proof proof = CheckpointFrames.decodeProof(content);
                if (step == Step.ASKED_PROOF && from.equals(source)) {
                    onProof(now, proof, executed);
                }
            }
            case SnapshotFrames.SNAPSHOT_OFFER -> {
                var _ = SnapshotFrames.decodeOffer(content);
                boolean isAnswer = step == Step.ASKED_PROOF || step == Step.ASKED_CHUNK;
                if (isAnswer && from.equals(source)) {
                    passOver(now);
                }
            }
            case SnapshotFrames.CHUNK -> onChunk(now, from, SnapshotFrames.decodeChunk(content));
            default -> throw new MalformedException("no peer's frame has kind " + kind);
        }
    }

    private void onProof(Now now, Proof proof, long executed) {
        long position = proof.checkpoint().position();
        if (position < atLeast || position <= (atLeast == 0 ? executed : 0)) {
            passOver(now);
        } else if (isProven(proof)) {
            wanted = proof;
            step = Step.AT_DISK;
            chunk = 0;
            deadline = Long.MAX_VALUE;
            listener.onSnapshotFetched(source, position, 0, proof.checkpoint().snapshot().chunks());
            snapshots.receive(proof.checkpoint().snapshot());
        } else {
            listener.onSnapshotRefused(
                    source,
                    "replica "
                            + source
                            + " offers a snapshot at position "
                            + position
                            + " that too few members have signed for; another is asked");
            passOver(now);
        }
    }

    private boolean isProven(Proof proof) {
        StopSign begun = beginningOf(proof);
        if (begun == null) {
            return false;
        }
        TreeSet<ReplicaId> signers = new TreeSet<>();
        Bytes signed = proof.checkpoint().signedBytes(cluster, proof.epoch());
        Credentials.Verifier verifier = trust.members().of(begun).verifier();
        for (Signature each : proof.signatures()) {
            if (begun.members().contains(each.signer())
                    && verifier.isGenuine(each.signer(), signed, each.signature())) {
                signers.add(each.signer());
            }
        }
        return proof.isWhole()
                && signers.size() >= rules.believesWith(jury.enoughOf(begun.members()));
    }

    /// How the epoch began whose members have signed; null if that is an earlier one than the
    /// present, or no operator has signed for it.
    private @Nullable StopSign beginningOf(Proof proof) {
        if (proof.epoch() <= current.epoch()) {
            return proof.epoch() == current.epoch() ? current.get().sign() : null;
        }
        Wish wish;
        try {
            wish = Wish.decode(proof.wish());
        } catch (MalformedException _) {
            return null;
        }
        boolean isSigned = wish.isSigned(cluster, trust.operators()) || !rules.checksProvenEpochs();
        return isSigned && wish.sign().next().value() == proof.epoch() ? wish.sign() : null;
    }

    private void onChunk(Now now, ReplicaId from, SnapshotFrames.Sent sent) {
        Proof proof = wanted;
        if (step != Step.ASKED_CHUNK
                || proof == null
                || !from.equals(source)
                || sent.position() != proof.checkpoint().position()
                || sent.chunk() != chunk) {
            return;
        }
        if (rules.checksChunks() && !proof.has(chunk, sent.bytes())) {
            listener.onSnapshotRefused(
                    source,
                    "replica "
                            + source
                            + " sent another chunk "
                            + chunk
                            + " of the snapshot at position "
                            + sent.position()
                            + " than members have signed for; another is asked");
            passOver(now);
            return;
        }
        step = Step.AT_DISK;
        deadline = Long.MAX_VALUE;
        isSlow = now.monotonicNanos() - askedNanos > SLOW_NANOS;
        snapshots.add(sent.bytes());
    }

    @Override
    public void onProgress(Now now, int next) {
        Proof proof = wanted;
        if (step != Step.AT_DISK || proof == null) {
            return;
        }
        chunk = next;
        int chunks = proof.checkpoint().snapshot().chunks();
        listener.onSnapshotFetched(source, proof.checkpoint().position(), next, chunks);
        if (isSlow) {
            isSlow = false;
            passOver(now);
        } else if (now.monotonicNanos() < nextChunkNanos) {
            step = Step.PAUSING;
            deadline = nextChunkNanos;
        } else {
            askChunk(now, proof);
        }
    }

    private void askChunk(Now now, Proof proof) {
        long bytes = proof.checkpoint().snapshot().sizeBytes();
        long chunkBytes = bytes / Math.max(1, proof.checkpoint().snapshot().chunks());
        nextChunkNanos =
                now.monotonicNanos() + Math.ceilDiv(chunkBytes * 1_000_000_000L, bytesPerSecond);
        askFirst(now);
    }

    /// What was signed for is not what the disk takes, or there is no room: nothing better can be
    /// had until members have signed for another.
    @Override
    public void onRefused(Now now, String reason) {
        if (step == Step.AT_DISK) {
            listener.onSnapshotRefused(source, reason);
            onComplete();
        }
    }

    @Override
    public void onComplete() {
        step = Step.IDLE;
        wanted = null;
        deadline = Long.MAX_VALUE;
    }

    @Override
    public void advance(Now now) {
        if (now.monotonicNanos() < deadline) {
            return;
        }
        Proof proof = wanted;
        if (proof != null && step == Step.PAUSING) {
            askChunk(now, proof);
        } else if (tries + 1 >= MOST_TRIES) {
            passOver(now);
        } else {
            tries++;
            ask(now);
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return deadline;
    }

    /// Leaves the source for another.
    private void passOver(Now now) {
        passedOver.add(source);
        demerits.merge(source, 1, Integer::sum);
        askBest(now);
    }
}
