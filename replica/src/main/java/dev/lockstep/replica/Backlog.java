package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Now;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Batches that the protocol has delivered and that are not executed yet, in their order.
///
/// Most are executed as they are delivered. Once a duty cycle has made [#RESULT_BYTES] of results,
/// the rest waits for the next, so that replies can leave, peers are heard and timers fire in
/// between: a few bytes of commands can ask for gigabytes. What waits is bounded too: beyond
/// [#WAITING_BYTES] of batches one is executed for each that comes, and the replica is as slow as
/// its service, as its peers and clients then notice. While a snapshot is written of a state that
/// cannot be frozen nothing is executed ([ExecutionPause]): what is more is then read back from the
/// journal.
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

    /// Where delivered batches can be read back from.
    interface History {
        /// True if it can.
        boolean has(long position);

        /// Null if it cannot.
        @Nullable Batch batchAt(long position);
    }

    private record Delivered(long position, Batch batch, long timeNanos) {
        private long sizeBytes() {
            return (long) batch.payload().size() + BATCH_BYTES;
        }
    }

    /// What the journal has, too.
    private record LetGo(long position, BatchId batch, long timeNanos) {}

    /// What has waited in a pause is executed in so many batches a duty cycle.
    private static final int MOST_AFTER_PAUSE = 64;

    private final Target target;
    private final Executor executor;
    private final long resultBytes;
    private final History history;

    private final ArrayDeque<Delivered> waiting = new ArrayDeque<>();

    /// What waits before all of `waiting` and is to be read back.
    private final ArrayDeque<LetGo> letGo = new ArrayDeque<>();

    /// The sizes of `waiting`.
    private long waitingBytes;

    /// True while nothing is executed.
    private boolean isPaused;

    /// True from the end of a pause until nothing waits.
    private boolean isAfterPause;

    /// What the executor had made in all when the duty cycle began, in bytes of results.
    private long madeBefore;

    /// @param resultBytes in place of [#RESULT_BYTES]
    Backlog(Executor executor, long resultBytes, History history, Target target) {
        this.history = history;
        this.resultBytes = resultBytes;
        this.executor = executor;
        this.target = target;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && letGo.isEmpty();
    }

    /// True if something waits that the next duty cycle executes.
    boolean isReady() {
        return !isPaused && !isEmpty();
    }

    int size() {
        return letGo.size() + waiting.size();
    }

    /// Executes nothing until [#resume].
    void pause() {
        isPaused = true;
        executor.pause();
    }

    /// Executes again, not all at once.
    void resume() {
        isPaused = false;
        isAfterPause = true;
        executor.resume();
    }

    /// The batches that wait, the oldest first.
    List<BatchId> waiting() {
        List<BatchId> all = new ArrayList<>();
        letGo.forEach(each -> all.add(each.batch()));
        waiting.forEach(each -> all.add(each.batch().id()));
        return all;
    }

    /// A batch was delivered: executes it, or keeps it for later.
    ///
    /// @param mayWait whether there are duty cycles to come
    void deliver(Now now, long position, Batch batch, long timeNanos, boolean mayWait) {
        if (!isPaused && isEmpty() && (hasShare() || !mayWait)) {
            target.execute(now, position, batch, timeNanos);
            return;
        }
        Delivered delivered = new Delivered(position, batch, timeNanos);
        waiting.add(delivered);
        waitingBytes += delivered.sizeBytes();
        if (isPaused || isAfterPause) {
            letGo();
            return;
        }
        while (!isPaused && waitingBytes > WAITING_BYTES) {
            executeFirst(now);
        }
    }

    /// Beyond what may wait, the oldest batches that the journal has are let go: they are read
    /// back.
    private void letGo() {
        while (waitingBytes > WAITING_BYTES) {
            Delivered oldest = waiting.getFirst();
            if (!history.has(oldest.position())) {
                return;
            }
            waiting.removeFirst();
            waitingBytes -= oldest.sizeBytes();
            letGo.add(new LetGo(oldest.position(), oldest.batch().id(), oldest.timeNanos()));
        }
    }

    /// A new duty cycle: executes what it has a share for.
    void advance(Now now) {
        madeBefore = executor.resultBytes();
        if (isPaused) {
            return;
        }
        int left = isAfterPause ? MOST_AFTER_PAUSE : Integer.MAX_VALUE;
        while (!isPaused && !isEmpty() && left > 0 && hasShare()) {
            executeFirst(now);
            left--;
        }
        isAfterPause &= !isEmpty();
    }

    /// Executes all that waits: there are no more duty cycles.
    /// In a pause, and after it until all is executed, nothing: [#waiting] says what that is.
    void finish(Now now) {
        if (isPaused || isAfterPause) {
            return;
        }
        while (!isPaused && !isEmpty()) {
            executeFirst(now);
        }
    }

    private boolean hasShare() {
        return executor.resultBytes() - madeBefore < resultBytes;
    }

    private void executeFirst(Now now) {
        LetGo gone = letGo.poll();
        if (gone != null) {
            Batch batch = history.batchAt(gone.position());
            if (batch == null) {
                throw Invariant.broken("what was let go to be read back is in the journal");
            }
            target.execute(now, gone.position(), batch, gone.timeNanos());
            return;
        }
        Delivered first = waiting.remove();
        waitingBytes -= first.sizeBytes();
        target.execute(now, first.position(), first.batch(), first.timeNanos());
    }
}
