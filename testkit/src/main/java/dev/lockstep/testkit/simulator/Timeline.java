package dev.lockstep.testkit.simulator;

import java.util.PriorityQueue;
import java.util.SplittableRandom;

/// What happens when. Simulated time moves from event to event; between two nothing is.
///
/// At equal times, what arrives comes before what was waited for, as the seam of protocols promises
/// (`Ordering`, rule 5); otherwise chance decides.
final class Timeline {

    private static final int ARRIVAL = 0;
    private static final int WAKE = 1;

    private record Event(long at, int rank, int tie, long number, Runnable action)
            implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            if (at != other.at) {
                return Long.compare(at, other.at);
            }
            if (rank != other.rank) {
                return Integer.compare(rank, other.rank);
            }
            return tie != other.tie
                    ? Integer.compare(tie, other.tie)
                    : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private final SplittableRandom random;
    private final long quantumNanos;
    private long nowNanos;
    private long numbered;
    private long events;
    private long digest;

    /// The run is given up when this much has happened.
    private long mostEvents = Long.MAX_VALUE;

    /// Whoever lets time pass must have come to an end by then.
    private long lastEvent = Long.MAX_VALUE;

    /// @param quantumNanos arrivals are moved to multiples of this, so that many coincide
    Timeline(SplittableRandom random, long quantumNanos) {
        this.random = random;
        this.quantumNanos = Math.max(1, quantumNanos);
    }

    long nowNanos() {
        return nowNanos;
    }

    /// Ends the run, as if a promise were broken, when so many events have happened.
    void limit(long mostEvents) {
        this.mostEvents = mostEvents;
    }

    /// Fails the run when so many events have happened, or fewer if that was said before.
    void endWithin(long events) {
        lastEvent = Math.min(lastEvent, events);
    }

    /// How many events have happened.
    long events() {
        return events;
    }

    /// Depends on everything that has happened.
    long digest() {
        return digest;
    }

    /// Makes the digest depend on `value`.
    void fold(long value) {
        digest = (digest ^ value) * 0x9E3779B97F4A7C15L;
        digest ^= digest >>> 29;
    }

    /// Something arrives, breaks or heals `nanos` from now, on the grid of coincidences.
    void after(long nanos, Runnable action) {
        long at = nowNanos + Math.max(0, nanos);
        at = (at + quantumNanos - 1) / quantumNanos * quantumNanos;
        add(at, ARRIVAL, action);
    }

    /// Something arrives at a time that is not moved.
    void at(long atNanos, Runnable action) {
        add(Math.max(nowNanos, atNanos), ARRIVAL, action);
    }

    /// A process that waited goes on.
    void wakeAt(long atNanos, Runnable action) {
        add(Math.max(nowNanos, atNanos), WAKE, action);
    }

    private void add(long at, int rank, Runnable action) {
        queue.add(new Event(at, rank, random.nextInt(), numbered++, action));
    }

    /// The grid of coincidences.
    long quantumNanos() {
        return quantumNanos;
    }

    /// Lets the next event happen, if there is one no later than `untilNanos`; otherwise moves the
    /// time there and returns false.
    boolean step(long untilNanos) {
        Event next = queue.peek();
        if (next == null || next.at() > untilNanos) {
            nowNanos = untilNanos;
            return false;
        }
        Violation.check(events < mostEvents, "the run is short enough");
        if (events >= lastEvent) {
            throw new Violation(
                    "a test ends within %,d events: a loop that waits for something needs an end, as cluster.await(condition, what) has"
                            .formatted(lastEvent));
        }
        queue.remove();
        nowNanos = next.at();
        events++;
        fold(nowNanos);
        next.action().run();
        return true;
    }
}
