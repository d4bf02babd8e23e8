package dev.lockstep.replica;

import dev.lockstep.core.Now;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// Each query is answered by the replica that was asked, when it knows how far it must be.
///
/// Linearizable ones share read barriers: one is outstanding at a time, and the next covers all
/// that arrived meanwhile. A query waits for its position to be executed, and, if the state
/// machine's deadline lies between agreed time and this replica's own clock, for an empty batch.
final class Queries implements Reads {

    /// How long after `Unreadable` a barrier is asked for again.
    static final long ASK_AGAIN_NANOS = 10_000_000L;

    /// How long the protocol may take to answer a barrier.
    static final long BARRIER_TIMEOUT_NANOS = 250_000_000L;

    /// Once a duty cycle has given so many bytes of answers, the rest waits for the next: many
    /// large answers must not keep the replica from its peers.
    static final int ANSWER_BYTES = 1 << 20;

    /// Queries that wait have so many bytes together; one that is larger waits alone.
    static final long WAITING_BYTES = 32L << 20;

    private static final class Pending {
        private final long connection;
        private final ClientRequest.Query query;
        private final long arrivedNanos;
        private final long order;

        /// The barrier that covers it; 0 if none does yet.
        private long barrier;

        /// What must be executed before it is answered.
        private long position;

        /// The own batch that must be executed first; 0 if none.
        private long afterBatch;

        Pending(long connection, ClientRequest.Query query, long arrivedNanos, long order) {
            this.connection = connection;
            this.query = query;
            this.arrivedNanos = arrivedNanos;
            this.order = order;
        }
    }

    private final CurrentEngine engine;
    private final Executor executor;
    private final Service service;
    private final Admission admission;
    private final OwnBatches batches;
    private final AgreedClock clock;
    private final ReplyRouting routing;
    private final ReplicaLimits limits;
    private final ReplicaListener listener;

    /// Linearizable queries without a position, in the order of arrival; their barriers ascend,
    /// those without one come last.
    private final ArrayDeque<Pending> asking = new ArrayDeque<>();

    /// Queries that wait for a position, the lowest first.
    private final PriorityQueue<Pending> covered =
            new PriorityQueue<>(
                    Comparator.<Pending>comparingLong(pending -> pending.position)
                            .thenComparingLong(pending -> pending.order));

    /// Queries that wait for an empty batch, in the order of those batches.
    private final ArrayDeque<Pending> refreshing = new ArrayDeque<>();

    /// The bytes of all queries that wait.
    private long waitingBytes;

    /// What this duty cycle has answered, in bytes.
    private long answeredBytes;

    private long arrivals;
    private long lastBarrier;

    /// The barrier the protocol has not answered; 0 if there is none.
    private long outstanding;

    /// When the outstanding barrier is given up, monotonic.
    private long answerBy = Long.MAX_VALUE;

    /// No barrier is asked for before, monotonic: the protocol could not answer the last one.
    private long pausedUntil;

    /// No query in any queue times out before.
    private long timeoutAt = Long.MAX_VALUE;

    Queries(
            ReplicaLimits limits,
            CurrentEngine engine,
            Executor executor,
            Service service,
            Admission admission,
            OwnBatches batches,
            AgreedClock clock,
            ReplyRouting routing,
            ReplicaListener listener) {
        this.limits = limits;
        this.engine = engine;
        this.executor = executor;
        this.service = service;
        this.admission = admission;
        this.batches = batches;
        this.clock = clock;
        this.routing = routing;
        this.listener = listener;
    }

    @Override
    public int size() {
        return asking.size() + covered.size() + refreshing.size();
    }

    @Override
    public void ask(Now now, long connection, Asker asker, ClientRequest.Query query) {
        routing.touch(connection);
        if (!admission.isOpen()) {
            refuse(connection, query, Status.UNAVAILABLE, admission.closedBecause());
        } else if (query.query().size() > limits.requestBytes()) {
            refuse(
                    connection,
                    query,
                    Status.REFUSED,
                    "the query has "
                            + query.query().size()
                            + " bytes, the cluster allows "
                            + limits.requestBytes()
                            + "; send less or raise limits.request-bytes");
        } else if (query.freshness() == Freshness.LOCAL && !executor.isPaused()) {
            answer(connection, query);
        } else if (size() >= limits.pendingQueries()) {
            refuse(
                    connection,
                    query,
                    Status.OVERLOADED,
                    size()
                            + " queries wait already, at most "
                            + limits.pendingQueries()
                            + " are allowed; try again later");
        } else if (size() > 0 && query.query().size() > WAITING_BYTES - waitingBytes) {
            refuse(
                    connection,
                    query,
                    Status.OVERLOADED,
                    waitingBytes
                            + " bytes of queries wait already, at most "
                            + WAITING_BYTES
                            + " are allowed; try again later");
        } else {
            add(new Pending(connection, query, now.monotonicNanos(), ++arrivals));
        }
    }

    private void add(Pending pending) {
        waitingBytes += pending.query.query().size();
        timeoutAt = Math.min(timeoutAt, pending.arrivedNanos + limits.queryTimeoutNanos());
        if (pending.query.freshness() != Freshness.LINEARIZABLE) {
            // Of a local one, which waits for the end of a pause only, it is 0.
            pending.position = pending.query.atLeast();
            covered.add(pending);
        } else {
            asking.add(pending);
        }
    }

    @Override
    public void onReadable(long barrier, long position) {
        if (barrier >= outstanding) {
            settleBarrier();
        }
        while (true) {
            Pending first = asking.peek();
            if (first == null || first.barrier == 0 || first.barrier > barrier) {
                return;
            }
            asking.remove();
            first.position = position;
            covered.add(first);
        }
    }

    @Override
    public void onUnreadable(Now now, long barrier) {
        if (outstanding != 0 && barrier >= outstanding) {
            settleBarrier();
            pausedUntil = now.monotonicNanos() + ASK_AGAIN_NANOS;
        }
    }

    @Override
    public void askAgain() {
        settleBarrier();
        pausedUntil = 0;
    }

    private void settleBarrier() {
        outstanding = 0;
        answerBy = Long.MAX_VALUE;
    }

    @Override
    public void advance(Now now) {
        answeredBytes = 0;
        answerExecuted(now);
        if (now.monotonicNanos() >= timeoutAt) {
            timeOut(now);
        }
        requestBarrier(now);
        answerExecuted(now);
        Pending oldest = refreshing.peek();
        batches.forgetRefusals(oldest == null ? Long.MAX_VALUE : oldest.afterBatch);
    }

    private void requestBarrier(Now now) {
        if (now.monotonicNanos() >= answerBy) {
            settleBarrier();
        }
        if (outstanding != 0
                || asking.isEmpty()
                || now.monotonicNanos() < pausedUntil
                || !engine.isPresent()) {
            return;
        }
        lastBarrier++;
        outstanding = lastBarrier;
        answerBy = now.monotonicNanos() + BARRIER_TIMEOUT_NANOS;
        for (Pending pending : asking) {
            pending.barrier = lastBarrier;
        }
        engine.requestRead(now, lastBarrier);
    }

    private void answerExecuted(Now now) {
        if (executor.isPaused()) {
            return;
        }
        // They came first. If some are left, there is no share left for others either, so that
        // whoever is added to them waits for a batch that has yet to come.
        answerRefreshed();
        while (answeredBytes < ANSWER_BYTES) {
            Pending first = covered.peek();
            if (first == null || first.position > executor.position()) {
                return;
            }
            covered.remove();
            if (!refreshing.isEmpty()) {
                first.afterBatch = refreshing.getLast().afterBatch;
                refreshing.add(first);
            } else if (isTimeOverdue(now)) {
                first.afterBatch = batches.submitEmptyBatch(now);
                refreshing.add(first);
            } else {
                answer(first);
            }
        }
    }

    private void answerRefreshed() {
        while (answeredBytes < ANSWER_BYTES) {
            Pending first = refreshing.peek();
            if (first == null || !batches.isSettled(first.afterBatch)) {
                return;
            }
            refreshing.remove();
            if (batches.wasRefused(first.afterBatch)) {
                first.barrier = 0;
                asking.add(first);
            } else {
                answer(first);
            }
        }
    }

    /// True if by this replica's clock the state should have changed already.
    private boolean isTimeOverdue(Now now) {
        long deadline = service.deadlineNanos();
        return deadline > executor.timeNanos() && deadline <= clock.read(now);
    }

    private void timeOut(Now now) {
        timeoutAt = Long.MAX_VALUE;
        timeOut(now, asking);
        timeOut(now, covered);
        timeOut(now, refreshing);
    }

    private void timeOut(Now now, Collection<Pending> queue) {
        List<Pending> overdue = new ArrayList<>();
        for (Pending pending : queue) {
            long at = pending.arrivedNanos + limits.queryTimeoutNanos();
            if (at <= now.monotonicNanos()) {
                overdue.add(pending);
            } else {
                timeoutAt = Math.min(timeoutAt, at);
            }
        }
        if (overdue.isEmpty()) {
            return;
        }
        queue.removeIf(
                pending ->
                        pending.arrivedNanos + limits.queryTimeoutNanos() <= now.monotonicNanos());
        overdue.sort(Comparator.comparingLong(pending -> pending.order));
        for (Pending pending : overdue) {
            waitingBytes -= pending.query.query().size();
            refuse(
                    pending.connection,
                    pending.query,
                    Status.UNAVAILABLE,
                    "this replica could not make sure of its state within "
                            + limits.queryTimeoutNanos() / 1_000_000
                            + " ms; ask another");
        }
    }

    @Override
    public void refuseAll(String sentence) {
        List<Pending> all = new ArrayList<>(asking);
        all.addAll(covered);
        all.addAll(refreshing);
        asking.clear();
        covered.clear();
        refreshing.clear();
        waitingBytes = 0;
        all.sort(Comparator.comparingLong(pending -> pending.order));
        for (Pending pending : all) {
            refuse(pending.connection, pending.query, Status.UNAVAILABLE, sentence);
        }
    }

    private void answer(Pending pending) {
        waitingBytes -= pending.query.query().size();
        answer(pending.connection, pending.query);
    }

    private void answer(long connection, ClientRequest.Query query) {
        Bytes bytes = query.query();
        Status status =
                service.query(
                        Service.view(bytes.backingArray(), bytes.backingOffset(), bytes.size()));
        answeredBytes += service.resultLength();
        routing.send(
                connection,
                Kind.QUERY,
                status,
                0,
                query.number(),
                executor.position(),
                service.result(),
                0,
                service.resultLength());
    }

    private void refuse(
            long connection, ClientRequest.Query query, Status status, String sentence) {
        listener.onNotAdmitted(status, sentence);
        byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        routing.send(connection, Kind.QUERY, status, 0, query.number(), 0, text, 0, text.length);
    }

    @Override
    public long nextDeadlineNanos(long immediately) {
        boolean mayAnswer = !executor.isPaused();
        Pending first = covered.peek();
        if (mayAnswer && first != null && first.position <= executor.position()) {
            return immediately;
        }
        Pending refreshed = refreshing.peek();
        if (mayAnswer && refreshed != null && batches.isSettled(refreshed.afterBatch)) {
            return immediately;
        }
        if (outstanding == 0 && !asking.isEmpty() && engine.isPresent()) {
            return Math.min(timeoutAt, Math.max(immediately, pausedUntil));
        }
        return outstanding == 0 ? timeoutAt : Math.min(timeoutAt, answerBy);
    }
}
