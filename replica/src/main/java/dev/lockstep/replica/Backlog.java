package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.Now;

import java.util.ArrayDeque;

/// Batches that the protocol has delivered and that are not executed yet, in their order.
///
/// Most are executed as they are delivered. Once a duty cycle has made [#RESULT_BYTES] of results,
/// the rest waits for the next, so that replies can leave, peers are heard and timers fire in
/// between: a few bytes of commands can ask for gigabytes. What waits is bounded too: beyond
/// [#WAITING_BYTES] of batches one is executed for each that comes, and the replica is as slow as
/// its service, as its peers and clients then notice.
///
/// Nothing that replicas must agree on depends on when a batch is executed, only on the order.
final class Backlog {

    /// Once a duty cycle has made so many bytes of results, no further batch is executed in it. At
    /// most those of one batch more are made, which [Session#MAX_REMEMBERED_BYTES] bounds for each
    /// session.
    static final long RESULT_BYTES = 8L << 20;

    /// What may wait, in bytes of batches.
    static final long WAITING_BYTES = 16L << 20;

    /// What a batch counts for beside its payload.
    private static final int BATCH_BYTES = 128;

    /// What executes, at once.
    interface Target {
        void execute(Now now, long position, Batch batch, long timeNanos);
    }

    private record Delivered(long position, Batch batch, long timeNanos) {
        private long sizeBytes() {
            return (long) batch.payload().size() + BATCH_BYTES;
        }
    }

    private final Target target;
    private final Executor executor;
    private final long resultBytes;

    private final ArrayDeque<Delivered> waiting = new ArrayDeque<>();

    /// The sizes of `waiting`.
    private long waitingBytes;

    /// What the executor had made in all when the duty cycle began, in bytes of results.
    private long madeBefore;

    /// @param resultBytes in place of [#RESULT_BYTES]
    Backlog(Executor executor, long resultBytes, Target target) {
        this.resultBytes = resultBytes;
        this.executor = executor;
        this.target = target;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /// A batch was delivered: executes it, or keeps it for later.
    ///
    /// @param mayWait whether there are duty cycles to come
    void deliver(Now now, long position, Batch batch, long timeNanos, boolean mayWait) {
        if (waiting.isEmpty() && (hasShare() || !mayWait)) {
            target.execute(now, position, batch, timeNanos);
            return;
        }
        Delivered delivered = new Delivered(position, batch, timeNanos);
        waiting.add(delivered);
        waitingBytes += delivered.sizeBytes();
        while (waitingBytes > WAITING_BYTES) {
            executeFirst(now);
        }
    }

    /// A new duty cycle: executes what it has a share for.
    void advance(Now now) {
        madeBefore = executor.resultBytes();
        while (!waiting.isEmpty() && hasShare()) {
            executeFirst(now);
        }
    }

    /// Executes all that waits: there are no more duty cycles.
    void finish(Now now) {
        while (!waiting.isEmpty()) {
            executeFirst(now);
        }
    }

    private boolean hasShare() {
        return executor.resultBytes() - madeBefore < resultBytes;
    }

    private void executeFirst(Now now) {
        Delivered first = waiting.remove();
        waitingBytes -= first.sizeBytes();
        target.execute(now, first.position(), first.batch(), first.timeNanos());
    }
}
