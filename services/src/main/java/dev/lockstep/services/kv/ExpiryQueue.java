package dev.lockstep.services.kv;

import java.util.Arrays;

/// The keys that expire, soonest first: a heap of four children a node that knows where each timer
/// is, so that a changed or removed expiry leaves nothing behind.
///
/// Which of two timers of the same time comes first depends on history; users must not let it show.
final class ExpiryQueue {

    private static final int CHILDREN = 4;

    /// Where a timer was, so that it can be collected.
    private static final ExpiryTimer NONE = new ExpiryTimer(0, new byte[0]);

    private long[] times = new long[64];
    private ExpiryTimer[] timers = new ExpiryTimer[64];
    private int size;

    int size() {
        return size;
    }

    /// The earliest time; `Long.MAX_VALUE` if there is none.
    long earliest() {
        return size == 0 ? Long.MAX_VALUE : times[0];
    }

    /// The timer of the earliest time; the queue must not be empty.
    ExpiryTimer first() {
        return timers[0];
    }

    /// Puts `timer` in, or moves it if it is in.
    void schedule(ExpiryTimer timer, long atMillis) {
        int index = timer.index;
        if (index < 0) {
            if (size == times.length) {
                times = Arrays.copyOf(times, 2 * size);
                timers = Arrays.copyOf(timers, 2 * size);
            }
            index = size++;
        }
        settle(index, timer, atMillis);
    }

    /// Takes `timer` out; it must be in.
    void cancel(ExpiryTimer timer) {
        int index = timer.index;
        timer.index = -1;
        size--;
        ExpiryTimer last = timers[size];
        long time = times[size];
        timers[size] = NONE;
        if (index != size) {
            settle(index, last, time);
        }
    }

    private void settle(int start, ExpiryTimer timer, long time) {
        int index = start;
        while (index > 0) {
            int parent = (index - 1) / CHILDREN;
            if (times[parent] <= time) {
                break;
            }
            place(index, timers[parent], times[parent]);
            index = parent;
        }
        while (index >= start) {
            int child = soonestChild(index);
            if (child < 0 || times[child] >= time) {
                break;
            }
            place(index, timers[child], times[child]);
            index = child;
        }
        place(index, timer, time);
    }

    private int soonestChild(int index) {
        int first = CHILDREN * index + 1;
        if (first >= size || first < 0) {
            return -1;
        }
        int soonest = first;
        int end = Math.min(first + CHILDREN, size);
        for (int child = first + 1; child < end; child++) {
            if (times[child] < times[soonest]) {
                soonest = child;
            }
        }
        return soonest;
    }

    private void place(int index, ExpiryTimer timer, long time) {
        timers[index] = timer;
        times[index] = time;
        timer.index = index;
    }
}
