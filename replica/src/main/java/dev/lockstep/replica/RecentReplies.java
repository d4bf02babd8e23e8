package dev.lockstep.replica;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The reply chain after each of the last commands that were executed here, so that the first
/// command at which two replicas differ can be told.
final class RecentReplies {

    /// How many commands are kept.
    static final int KEPT = 1 << 14;

    private static final int INITIAL = 1 << 6;

    /// Numbers of one command in `kept`.
    private static final int FIELDS = 4;

    /// One command's reply.
    ///
    /// @param position where it was executed
    /// @param session whose command
    /// @param sequence its number in the session
    /// @param chain the reply chain with this reply
    record Replied(long position, long session, long sequence, long chain) {}

    /// By the count of commands before it, modulo the length, which is a power of two.
    private long[] kept = new long[FIELDS * INITIAL];

    /// How many commands there were.
    private long count;

    /// Everything through here was executed before those that were added here.
    private long begunAfter;

    /// The reply chain before the first that is kept.
    private long chainBefore;

    /// A snapshot was begun with: what was executed for it was not executed here.
    ///
    /// @param position where it was taken
    /// @param chain the reply chain there
    void restore(long position, long chain) {
        count = 0;
        begunAfter = position;
        chainBefore = chain;
    }

    void add(long position, long session, long sequence, long chain) {
        if (count == capacity() && count < KEPT) {
            kept = Arrays.copyOf(kept, 2 * kept.length);
        }
        int at = slot(count);
        if (count >= capacity()) {
            chainBefore = kept[at + 3];
        }
        kept[at] = position;
        kept[at + 1] = session;
        kept[at + 2] = sequence;
        kept[at + 3] = chain;
        count++;
    }

    private int capacity() {
        return kept.length / FIELDS;
    }

    private int slot(long number) {
        return FIELDS * (int) (number & (capacity() - 1));
    }

    /// Those that are kept, of the positions from `first` through `last`.
    List<Replied> range(long first, long last) {
        List<Replied> found = new ArrayList<>();
        for (long number = Math.max(0, count - capacity()); number < count; number++) {
            int at = slot(number);
            if (kept[at] >= first && kept[at] <= last) {
                found.add(new Replied(kept[at], kept[at + 1], kept[at + 2], kept[at + 3]));
            }
        }
        return found;
    }

    /// The first position from which on all commands are kept.
    long completeFrom() {
        return 1 + (count <= capacity() ? begunAfter : kept[slot(count)]);
    }

    /// The reply chain before the first command at or after `position`.
    ///
    /// @param position no less than [#completeFrom]
    long chainBefore(long position) {
        long chain = chainBefore;
        for (long number = Math.max(0, count - capacity()); number < count; number++) {
            int at = slot(number);
            if (kept[at] < position) {
                chain = kept[at + 3];
            }
        }
        return chain;
    }
}
