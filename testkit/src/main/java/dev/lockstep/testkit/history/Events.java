package dev.lockstep.testkit.history;

import java.util.Arrays;

/// The invocations and returns of complete operations in a linked list by time, from which those of
/// one operation are taken out and put back in constant time (Knuth's dancing links).
final class Events {

    /// The list's head; entry `1 + e` is event `e`, even for operation `e / 2`'s invocation, odd
    /// for its return.
    private static final int HEAD = 0;

    private final int[] next;
    private final int[] previous;
    private final int[] order;

    /// The entry of the first return in the list moves as operations are lifted; found by walking.
    Events(Operation[] operations, int complete) {
        int events = 2 * complete;
        next = new int[events + 1];
        previous = new int[events + 1];
        order = new int[events + 1];
        long[] byTime = new long[events];
        int[] entries = sortedEvents(operations, complete, byTime);
        int last = HEAD;
        for (int i = 0; i < events; i++) {
            next[last] = entries[i];
            previous[entries[i]] = last;
            order[entries[i]] = i;
            last = entries[i];
        }
        next[last] = HEAD;
        previous[HEAD] = last;
    }

    private static int[] sortedEvents(Operation[] operations, int complete, long[] times) {
        Integer[] sorted = new Integer[2 * complete];
        for (int event = 0; event < sorted.length; event++) {
            sorted[event] = event;
            Operation operation = operations[event / 2];
            times[event] = event % 2 == 0 ? operation.invokedAt() : operation.returnedAt();
        }
        Arrays.sort(
                sorted,
                (one, other) -> {
                    int byTime = Long.compare(times[one], times[other]);
                    // At equal times invocations come first: the operations count as overlapping.
                    return byTime != 0 ? byTime : Integer.compare(one % 2, other % 2);
                });
        int[] entries = new int[sorted.length];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = 1 + sorted[i];
        }
        return entries;
    }

    /// The operation of the first invocation, or -1 if a return comes first.
    int firstInvocation() {
        return invocationAt(next[HEAD]);
    }

    /// The operation invoked next after `operation`, or -1 if a return comes first.
    int invocationAfter(int operation) {
        return invocationAt(next[1 + 2 * operation]);
    }

    private static int invocationAt(int entry) {
        return entry != HEAD && (entry & 1) == 1 ? (entry - 1) / 2 : -1;
    }

    /// The operation that returns first of those in the list, which is not empty.
    int firstReturn() {
        int entry = next[HEAD];
        while ((entry & 1) == 1) {
            entry = next[entry];
        }
        return (entry - 1) / 2;
    }

    /// The place of an operation's return among all events.
    int orderOfReturn(int operation) {
        return order[2 + 2 * operation];
    }

    void lift(int operation) {
        unlink(1 + 2 * operation);
        unlink(2 + 2 * operation);
    }

    /// Undoes the last [#lift] that is not undone yet.
    void putBack(int operation) {
        relink(2 + 2 * operation);
        relink(1 + 2 * operation);
    }

    private void unlink(int entry) {
        next[previous[entry]] = next[entry];
        previous[next[entry]] = previous[entry];
    }

    private void relink(int entry) {
        next[previous[entry]] = entry;
        previous[next[entry]] = entry;
    }
}
