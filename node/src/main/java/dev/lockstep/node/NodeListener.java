package dev.lockstep.node;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.replica.FirstDifference;
import dev.lockstep.replica.ReplicaListener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.function.Consumer;

/// Counts what the replica does, and logs what an operator must know of it.
final class NodeListener implements ReplicaListener {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// While a snapshot is fetched, it is told so often how far it is.
    private static final long FETCH_TOLD_NANOS = 2_000_000_000L;

    private final NodeMetrics metrics;
    private final Mishaps mishaps;
    private final EvidenceBook evidence;
    private final Consumer<Reign> whenBegun;

    /// True while records of earlier boots are executed again, whose failures were logged then.
    private boolean replaying = true;

    /// True once this replica was found to differ from the majority.
    private boolean isQuarantined;

    private long snapshotBegunNanos;
    private long fetchToldNanos;

    /// @param whenBegun hears of every epoch, in the middle of the replica's work
    NodeListener(
            NodeMetrics metrics,
            Mishaps mishaps,
            EvidenceBook evidence,
            Consumer<Reign> whenBegun) {
        this.evidence = evidence;
        this.metrics = metrics;
        this.mishaps = mishaps;
        this.whenBegun = whenBegun;
    }

    void replayed() {
        replaying = false;
    }

    @Override
    public void onSubmitted(BatchId batch, int requests, int payloadBytes) {
        metrics.batches++;
        metrics.batchedRequests += requests;
    }

    @Override
    public void onRepeated(long position, BatchId batch) {
        metrics.repeatedBatches++;
    }

    @Override
    public void onSessionOpened(long position, long session) {
        metrics.sessionsOpened++;
    }

    @Override
    public void onSessionEnded(long position, long session, boolean expired) {
        if (expired) {
            metrics.sessionsExpired++;
        } else {
            metrics.sessionsClosed++;
        }
    }

    @Override
    public void onNotAdmitted(ClientReply.Status status, String sentence) {
        metrics.onNotAdmitted(status);
    }

    @Override
    public void onServiceFailure(long position, long session, long sequence, Throwable thrown) {
        if (!replaying) {
            LOG.error(
                    "the service threw at position {} (session {}, request {}): a bug in it, the"
                            + " client is told and this replica goes on",
                    position,
                    session,
                    sequence,
                    thrown);
        }
    }

    @Override
    public void onBatchRefused(BatchId batch, String reason) {
        LOG.debug("batch {} was not ordered: {}", batch, reason);
    }

    @Override
    public void onSnapshotBegun(long position) {
        snapshotBegunNanos = System.nanoTime();
    }

    @Override
    public void onSnapshotWritten(long position, long sizeBytes) {
        metrics.snapshots++;
        LOG.info(
                "wrote a snapshot at position {}: {} in {} ms",
                position,
                Amounts.ofSize(sizeBytes),
                (System.nanoTime() - snapshotBegunNanos) / 1_000_000);
    }

    @Override
    public void onSnapshotFailed(long position, String reason) {
        metrics.snapshotsFailed++;
        LOG.warn("{}; it is tried again in a while", reason);
    }

    @Override
    public void onSnapshotDamaged(long position, String reason) {
        mishaps.snapshotDamaged();
        LOG.error("{}; another is written in its place", reason);
    }

    @Override
    public void onSnapshotFetched(ReplicaId from, long position, int chunks, int of) {
        long now = System.nanoTime();
        if (chunks == 0 || now - fetchToldNanos > FETCH_TOLD_NANOS) {
            fetchToldNanos = now;
            LOG.info(
                    "fetches the snapshot at position {} from replica {}: {} of {} chunks are here",
                    position,
                    from,
                    chunks,
                    of);
        }
    }

    @Override
    public void onSnapshotRefused(ReplicaId from, String reason) {
        LOG.warn("what replica {} sent of a snapshot is not taken: {}", from, reason);
    }

    @Override
    public void onSnapshotInstalled(long position) {
        if (isQuarantined) {
            mishaps.stateHealed();
        }
        LOG.info("has fetched the snapshot at position {} and begins with it", position);
    }

    @Override
    public void onExecutionPaused(long position) {
        LOG.info(
                "executes nothing after position {} while a snapshot is written: the service cannot"
                        + " freeze its state",
                position);
    }

    @Override
    public void onExecutionResumed(long position, long nanos, int waiting) {
        LOG.info(
                "executes again after {} ms, {} batches behind position {}",
                nanos / 1_000_000,
                waiting,
                position + waiting);
    }

    @Override
    public void onEpoch(Reign reign) {
        if (!replaying) {
            LOG.info(
                    "epoch {} has begun after position {}: the members are {}, the order is {}",
                    reign.epoch(),
                    reign.after(),
                    reign.members(),
                    reign.sign().order());
        }
        whenBegun.accept(reign);
    }

    @Override
    public void onDelayBroken(ReplicaId who, long tookNanos, long boundNanos) {
        LOG.error(
                "messages take longer than delta, {} us, which this cluster's agreement relies on if"
                        + " a member lies: replica {} took {} us. Until that has been better for a"
                        + " while, only what all members vote for is committed; look at the network and"
                        + " the load, or raise delta",
                boundNanos / 1_000,
                who,
                tookNanos / 1_000);
    }

    @Override
    public void onQuarantined(String reason) {
        isQuarantined = true;
        mishaps.quarantined();
        LOG.error(
                "this replica executes nothing any more, and takes the majority's state in place of its own as soon as it can: {}",
                reason);
    }

    @Override
    public void onFirstDifference(FirstDifference difference) {
        LOG.error("{}: a bug of the service, or bad memory", difference);
    }

    @Override
    public void onSuspect(ReplicaId peer) {
        LOG.warn("replica {} is suspected to be faulty", peer);
    }

    @Override
    public void onForged(ReplicaId from) {
        metrics.forgedMessages++;
        LOG.debug("a message of replica {} is not signed by it", from);
    }

    @Override
    public void onForgedRequest(long connection) {
        metrics.forgedRequests++;
    }

    @Override
    public void onEvidence(ReplicaId about, Bytes proof) {
        metrics.onEvidence(about);
        evidence.keep(about, proof);
        LOG.error(
                "replica {} misbehaved, and there is proof, which 'lockstep evidence' shows",
                about);
    }

    @Override
    public void onNoDifference(ReplicaId peer, long first, long last) {
        LOG.error(
                "the replies to all commands from position {} through {}, and what they changed as far as the service says, are the same here and at replica {}: test the memory and the disk of this machine",
                first,
                last,
                peer);
    }

    @Override
    public void onPeerDiverged(
            ReplicaId peer, boolean inState, long afterPosition, long throughPosition) {
        if (inState) {
            LOG.error(
                    "replica {} has another state than the majority after position {}: its memory or its disk is bad, or its service is not deterministic; it goes on with a snapshot of the majority's state, but find out why",
                    peer,
                    throughPosition);
        } else {
            LOG.error(
                    "replica {} gave other replies than the majority between positions {} and {}: its"
                            + " service is not deterministic or its memory is bad; it goes on with a"
                            + " snapshot of the majority's state, but find out why",
                    peer,
                    afterPosition,
                    throughPosition);
        }
    }

    @Override
    public void onStatesDiffer(String sentence) {
        LOG.error("{}; all go on until more members are heard", sentence);
    }
}
