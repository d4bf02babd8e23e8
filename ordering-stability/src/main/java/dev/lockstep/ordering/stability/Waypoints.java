package dev.lockstep.ordering.stability;

import java.util.ArrayDeque;

/// From where on the journal is needed for the positions after a snapshot: of every few positions
/// the earliest record that any of them needs.
final class Waypoints {

    private static final int STRIDE = 8;

    private record Block(long last, long sequence) {}

    /// Full blocks, ascending.
    private final ArrayDeque<Block> blocks = new ArrayDeque<>();

    /// Of the block that is being filled; 0 positions if it is empty.
    private int count;

    private long last;

    private long earliest = Long.MAX_VALUE;

    /// A position was delivered whose batch is in this record.
    void note(long position, long sequence) {
        last = position;
        earliest = Math.min(earliest, sequence);
        count++;
        if (count == STRIDE) {
            blocks.addLast(new Block(last, earliest));
            count = 0;
            earliest = Long.MAX_VALUE;
        }
    }

    /// The earliest record that a position after this one needs; `Long.MAX_VALUE` for none. Forgets
    /// what lies before.
    long earliestAfter(long position) {
        while (!blocks.isEmpty() && blocks.getFirst().last() <= position) {
            blocks.removeFirst();
        }
        long found = count > 0 && last > position ? earliest : Long.MAX_VALUE;
        for (Block block : blocks) {
            found = Math.min(found, block.sequence());
        }
        return found;
    }
}
