package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Status;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.List;
import java.util.TreeSet;

/// Whoever admits a request has it ordered, in a batch of its own, which the protocol takes to
/// whoever sequences.
///
/// Natural batching: a batch is closed at the end of a duty cycle, unless it is small and the
/// protocol says that it would only wait. Never on a timer, so batches are small when idle and
/// large under load.
final class OwnBatches implements Intake {

    /// From this size on a batch does not wait for the protocol to want it.
    static final int ENOUGH_BYTES = 64 << 10;

    private final ReplicaOptions options;
    private final ReplicaLimits limits;
    private final CurrentEngine engine;
    private final ReplyRouting routing;
    private final ReplicaListener listener;

    private final OpenBatch open = new OpenBatch();

    /// Submitted and neither executed nor refused, in the order of their sequences.
    private final ArrayDeque<Batch> inFlight = new ArrayDeque<>();

    /// The payloads of `inFlight`.
    private long submittedBytes;

    /// The last batch's sequence.
    private long lastSequence;

    /// The batches that the protocol refused and somebody may still ask for: see
    /// [#forgetRefusals].
    private final TreeSet<Long> refused = new TreeSet<>();

    OwnBatches(
            ReplicaOptions options,
            CurrentEngine engine,
            ReplyRouting routing,
            ReplicaListener listener) {
        this.options = options;
        this.limits = options.limits();
        this.engine = engine;
        this.routing = routing;
        this.listener = listener;
    }

    @Override
    public void join(Now now, List<BatchId> waiting) {
        for (Batch batch : unordered(waiting)) {
            engine.submit(now, batch);
        }
    }

    @Override
    public void stayAway(Now now, List<BatchId> waiting, String sentence) {
        if (!open.isEmpty()) {
            submit(now);
        }
        for (Batch batch : unordered(waiting)) {
            onRefused(batch.id(), sentence);
        }
    }

    private List<Batch> unordered(List<BatchId> waiting) {
        TreeSet<Long> ordered = new TreeSet<>();
        for (BatchId id : waiting) {
            if (isOfThisProcess(id)) {
                ordered.add(id.sequence());
            }
        }
        return inFlight.stream().filter(batch -> !ordered.contains(batch.id().sequence())).toList();
    }

    @Override
    public long sizeBytes() {
        return submittedBytes + open.size();
    }

    @Override
    public long sizeBytes(int client) {
        return 0;
    }

    @Override
    public int batches() {
        return inFlight.size();
    }

    @Override
    public boolean isEmpty() {
        return inFlight.isEmpty() && open.isEmpty();
    }

    /// True if the batch has been executed or refused.
    boolean isSettled(long batchSequence) {
        Batch oldest = inFlight.peek();
        return oldest == null || oldest.id().sequence() > batchSequence;
    }

    boolean wasRefused(long batchSequence) {
        return refused.contains(batchSequence);
    }

    /// Nobody will ask any more whether a batch below this one was refused.
    void forgetRefusals(long belowSequence) {
        if (!refused.isEmpty()) {
            refused.headSet(belowSequence).clear();
        }
    }

    @Override
    public void add(
            Now now,
            int kind,
            Asker asker,
            long session,
            long sequence,
            long acknowledged,
            byte[] bytes,
            int offset,
            int length) {
        int size = OpenBatch.HEADER_BYTES + length;
        if (!open.isEmpty() && size > limits.batchBytes() - open.size()) {
            submit(now);
        }
        open.add(kind, session, sequence, acknowledged, bytes, offset, length);
        if (open.size() >= limits.batchBytes()) {
            submit(now);
        }
    }

    /// Each replica has what it admitted ordered itself.
    @Override
    public void onPassedOn(Now now, ReplicaId from, Bytes payload) {}

    @Override
    public boolean isRipe(boolean isOpen) {
        return !open.isEmpty()
                && (open.size() >= ENOUGH_BYTES || !isOpen || engine.status().wantsBatch());
    }

    @Override
    public void advance(Now now, boolean isOpen, boolean isHeldUp) {
        if (isRipe(isOpen)) {
            submit(now);
        }
    }

    @Override
    public void submitEmpty(Now now) {
        var _ = submitEmptyBatch(now);
    }

    /// Orders an empty batch, which moves agreed time; returns its sequence.
    long submitEmptyBatch(Now now) {
        if (!open.isEmpty()) {
            submit(now);
        } else {
            submit(now, Bytes.EMPTY, 0);
        }
        return lastSequence;
    }

    private void submit(Now now) {
        int requests = open.requests();
        submit(now, open.take(), requests);
    }

    private void submit(Now now, Bytes payload, int requests) {
        BatchId id =
                new BatchId(options.self(), options.incarnation(), options.boot(), ++lastSequence);
        Batch batch = Batch.of(id, now.wallNanos(), payload);
        inFlight.add(batch);
        submittedBytes += payload.size();
        listener.onSubmitted(id, requests, payload.size());
        engine.submit(now, batch);
    }

    @Override
    public void onExecuted(BatchId id) {
        if (isOfThisProcess(id)) {
            var _ = remove(id.sequence());
        }
    }

    private boolean isOfThisProcess(BatchId id) {
        return id.boot() == options.boot()
                && id.origin().equals(options.self())
                && id.incarnation().equals(options.incarnation());
    }

    /// Its clients may ask another replica.
    @Override
    public void onRefused(BatchId id, String reason) {
        refused.add(id.sequence());
        Batch batch = remove(id.sequence());
        if (batch == null) {
            return;
        }
        RequestCursor cursor = new RequestCursor();
        cursor.reset(batch.payload());
        while (cursor.next()) {
            routing.refuse(
                    Status.UNAVAILABLE,
                    RequestName.of(cursor.kind(), 0, cursor.session(), cursor.sequence()),
                    reason);
        }
    }

    private @Nullable Batch remove(long sequence) {
        Batch oldest = inFlight.peek();
        if (oldest != null && oldest.id().sequence() == sequence) {
            inFlight.remove();
            submittedBytes -= oldest.payload().size();
            return oldest;
        }
        for (Batch batch : inFlight) {
            if (batch.id().sequence() == sequence) {
                inFlight.remove(batch);
                submittedBytes -= batch.payload().size();
                return batch;
            }
        }
        return null;
    }

    @Override
    public long nextDeadlineNanos() {
        return Long.MAX_VALUE;
    }
}
