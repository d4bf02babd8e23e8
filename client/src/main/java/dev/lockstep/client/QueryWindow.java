package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest.Freshness;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The queries that have no answer yet, in a ring indexed by their number.
final class QueryWindow {

    private final int mask;

    /// Whom to tell; null if the slot is free.
    final @Nullable Completion[] completion;

    final Bytes[] query;
    final Freshness[] freshness;
    final long[] deadline;

    /// The replica it was sent to; 0 if it is to be sent.
    final int[] sentTo;

    /// The lowest number without an answer.
    private long base = 1;

    /// The next number to give out.
    private long next = 1;

    QueryWindow(int size) {
        mask = size - 1;
        completion = new Completion[size];
        query = new Bytes[size];
        Arrays.fill(query, Bytes.EMPTY);
        freshness = new Freshness[size];
        Arrays.fill(freshness, Freshness.LINEARIZABLE);
        deadline = new long[size];
        sentTo = new int[size];
    }

    long base() {
        return base;
    }

    long next() {
        return next;
    }

    boolean isFull() {
        return next - base > mask;
    }

    boolean isEmpty() {
        return next == base;
    }

    int slot(long number) {
        return (int) (number & mask);
    }

    boolean isOpen(long number) {
        return number >= base && number < next && completion[slot(number)] != null;
    }

    /// True if `number` is open and an answer is expected.
    boolean isSent(long number) {
        return isOpen(number) && sentTo[slot(number)] != 0;
    }

    /// Gives the next number to a query; the window must not be full.
    void add(Bytes bytes, Freshness fresh, long deadlineNanos, Completion whenKnown) {
        int slot = slot(next);
        query[slot] = bytes;
        freshness[slot] = fresh;
        deadline[slot] = deadlineNanos;
        completion[slot] = whenKnown;
        sentTo[slot] = 0;
        next++;
    }

    /// Frees `number` and returns whom to tell.
    Completion close(long number) {
        int slot = slot(number);
        Completion whenKnown = completion[slot];
        if (whenKnown == null) {
            throw new IllegalStateException("query " + number + " is not open");
        }
        completion[slot] = null;
        query[slot] = Bytes.EMPTY;
        while (base < next && completion[slot(base)] == null) {
            base++;
        }
        return whenKnown;
    }
}
