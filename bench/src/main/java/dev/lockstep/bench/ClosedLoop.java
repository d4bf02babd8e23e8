package dev.lockstep.bench;

import dev.lockstep.client.ClientBuilder;
import dev.lockstep.client.Completion;
import dev.lockstep.client.LoopClient;
import dev.lockstep.client.Outcome;
import dev.lockstep.core.wire.ClientRequest.Freshness;
import dev.lockstep.net.NetworkLoop;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A closed loop: always the same number of requests in flight, a new one for each that is
/// answered.
///
/// It is the classical measure of what a system can do with so much concurrency. It is not an open
/// load: while the system stalls, nothing new is asked, so that a stall is seen once by each
/// request in flight and not by those that would have come (coordinated omission).
///
/// With [#pace] it asks so often and not faster, and a latency counts from when the request was
/// due: then a stall counts for all that would have come, as far as the schedule is caught up with.
///
/// Threading: one thread, the loop's.
final class ClosedLoop implements AutoCloseable {

    private static final long TIMEOUT_NANOS = 60_000_000_000L;

    /// A paced load wakes up no more often for what is due.
    private static final long PACE_NANOS = 1_000_000L;

    private final NetworkLoop loop;
    private final List<LoopClient> sessions = new ArrayList<>();
    private final Workload workload;

    /// Slots whose request was answered and that have asked nothing since; a ring of all slots.
    private final Slot[] idle;

    private int idleCount;

    private final Histogram latencies = new Histogram(60_000_000_000L, 3);
    private long answered;
    private long failed;
    private String lastFailure = "";
    private long lastAnswerAt;
    private long longestGapNanos;

    /// Between two requests; 0 while it asks as fast as it is answered.
    private long intervalNanos;

    /// When the next request is due.
    private long dueAt;

    /// @param inFlight how many requests, spread over the sessions
    ClosedLoop(
            NetworkLoop loop,
            ClientBuilder builder,
            int sessionCount,
            int inFlight,
            Workload workload) {
        this.loop = loop;
        this.workload = workload;
        this.idle = new Slot[inFlight];
        for (int i = 0; i < sessionCount; i++) {
            sessions.add(builder.connectOn(loop));
        }
        for (int i = 0; i < inFlight; i++) {
            idle[idleCount++] = new Slot(sessions.get(i % sessionCount));
        }
    }

    /// Keeps the loop going for so long.
    void run(long nanos) {
        long end = System.nanoTime() + nanos;
        long now = System.nanoTime();
        while (now - end < 0) {
            turn(Math.min(end - now, 100_000_000L));
            now = System.nanoTime();
        }
    }

    /// From now on so many requests a second, as long as answers come in time.
    void pace(long perSecond) {
        intervalNanos = 1_000_000_000L / perSecond;
        dueAt = System.nanoTime();
    }

    /// Asks for what is idle, then waits for answers.
    void turn(long waitNanos) {
        long now = System.nanoTime();
        while (idleCount > 0 && (intervalNanos == 0 || dueAt - now <= 0)) {
            idle[--idleCount].ask(intervalNanos == 0 ? System.nanoTime() : dueAt);
            dueAt += intervalNanos;
        }
        long most =
                intervalNanos == 0 || idleCount == 0
                        ? waitNanos
                        : Math.min(waitNanos, Math.max(PACE_NANOS, dueAt - now));
        if (sessions.size() == 1) {
            sessions.getFirst().poll(most);
            return;
        }
        long wait = most;
        for (LoopClient session : sessions) {
            wait = Math.min(wait, session.nanosToNextDeadline());
        }
        loop.flush();
        loop.poll(wait);
        for (LoopClient session : sessions) {
            session.advance();
        }
    }

    /// Answers since the last [#forget].
    long answered() {
        return answered;
    }

    /// Requests without a proper answer since the last [#forget].
    long failed() {
        return failed;
    }

    /// What the last of them was told.
    String lastFailure() {
        return lastFailure;
    }

    /// From the asking to the answer, in nanoseconds, since the last [#forget].
    Histogram latencies() {
        return latencies;
    }

    /// The longest time without any answer since the last [#forget], the time since the last answer
    /// among it.
    long longestGapNanos() {
        return Math.max(longestGapNanos, System.nanoTime() - lastAnswerAt);
    }

    /// The replica that the first session talks to; 0 if none.
    int entry() {
        return sessions.getFirst().entry();
    }

    void forget() {
        latencies.reset();
        answered = 0;
        failed = 0;
        longestGapNanos = 0;
        lastAnswerAt = System.nanoTime();
    }

    /// Ends the sessions, after what is in flight.
    @Override
    public void close() {
        for (LoopClient session : sessions) {
            session.close();
        }
    }

    /// One of the requests in flight.
    private final class Slot implements Completion {

        private final LoopClient session;
        private long askedAt;

        Slot(LoopClient session) {
            this.session = session;
        }

        void ask(long at) {
            askedAt = at;
            if (workload.nextIsRead()) {
                session.query(workload.nextRead(), Freshness.LINEARIZABLE, TIMEOUT_NANOS, this);
            } else {
                session.command(workload.nextWrite(), TIMEOUT_NANOS, this);
            }
        }

        @Override
        public void onOutcome(
                Outcome outcome, long position, byte[] bytes, int offset, int length) {
            long now = System.nanoTime();
            if (outcome == Outcome.OK) {
                answered++;
                latencies.recordValue(
                        Math.min(now - askedAt, latencies.getHighestTrackableValue()));
                longestGapNanos = Math.max(longestGapNanos, now - lastAnswerAt);
                lastAnswerAt = now;
            } else {
                failed++;
                lastFailure = sentence(outcome, bytes, offset, length);
            }
            idle[idleCount++] = this;
        }
    }

    private static String sentence(
            Outcome outcome, byte @Nullable [] bytes, int offset, int length) {
        return outcome
                + (bytes == null
                        ? ""
                        : ": " + new String(bytes, offset, length, StandardCharsets.UTF_8));
    }
}
