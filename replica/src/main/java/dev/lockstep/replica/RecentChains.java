package dev.lockstep.replica;

import java.util.Arrays;

/// The reply chain after each of the last positions that were executed here, so that the first
/// position at which two replicas differ can be told.
public final class RecentChains {

    /// How many positions are kept.
    static final int KEPT = 1 << 14;

    private static final int INITIAL = 1 << 8;

    /// By position modulo the length, which is a power of two.
    private long[] digests = new long[INITIAL];

    /// The first position that is kept; 0 before there is any.
    private long first;

    private long last;

    /// Positions come without gaps.
    void add(long position, long digest) {
        if (first == 0) {
            first = position;
        }
        if (position - first >= digests.length) {
            if (digests.length < KEPT) {
                grow();
            } else {
                first++;
            }
        }
        digests[slot(position)] = digest;
        last = position;
    }

    private void grow() {
        long[] old = digests;
        digests = new long[2 * old.length];
        for (long position = first; position <= last; position++) {
            digests[slot(position)] = old[(int) (position & (old.length - 1))];
        }
    }

    private int slot(long position) {
        return (int) (position & (digests.length - 1));
    }

    /// The first position that is known; 0 if none is.
    public long first() {
        return first;
    }

    /// The digests after the positions from [#first()] on.
    public long[] digests() {
        if (first == 0) {
            return new long[0];
        }
        long[] copy = new long[(int) (last - first + 1)];
        Arrays.setAll(copy, i -> digests[slot(first + i)]);
        return copy;
    }
}
