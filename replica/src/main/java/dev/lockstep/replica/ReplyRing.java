package dev.lockstep.replica;

import dev.lockstep.core.Invariant;

import java.util.Arrays;

/// The remembered replies of one session: a queue of consecutive sequence numbers, appended as
/// commands are executed and forgotten from the front.
///
/// The replies lie one after the other in one circular array, so that remembering costs a copy and
/// no object. A reply is never split: where the rest of the array is too short for it, it starts
/// again at the front.
final class ReplyRing {

    private static final int INITIAL_ENTRIES = 8;
    private static final int INITIAL_BYTES = 128;

    /// Above this the memory is given back when the queue runs empty.
    private static final int KEPT_BYTES = 64 << 10;

    /// Indexed by sequence, modulo their length, a power of two.
    private int[] offsets = new int[INITIAL_ENTRIES];

    private int[] lengths = new int[INITIAL_ENTRIES];
    private long[] positions = new long[INITIAL_ENTRIES];
    private byte[] statuses = new byte[INITIAL_ENTRIES];

    private byte[] data = new byte[INITIAL_BYTES];

    /// Where the next reply goes.
    private int head;

    /// The lowest sequence that is remembered, if any is.
    private long first;

    private int count;

    /// The sum of `lengths`.
    private long bytes;

    ReplyRing(long first) {
        this.first = first;
    }

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    /// The sequence that the next reply will have.
    long next() {
        return first + count;
    }

    boolean contains(long sequence) {
        return sequence >= first && sequence < first + count;
    }

    /// Remembers the reply of [#next()].
    void append(int status, long position, byte[] source, int offset, int length) {
        if (count == offsets.length) {
            growEntries();
        }
        int at = makeRoom(length);
        System.arraycopy(source, offset, data, at, length);
        int slot = slot(first + count);
        offsets[slot] = at;
        lengths[slot] = length;
        positions[slot] = position;
        statuses[slot] = (byte) status;
        head = at + length;
        bytes += length;
        count++;
    }

    /// Forgets every reply through `sequence`.
    void forgetThrough(long sequence) {
        while (count > 0 && first <= sequence) {
            bytes -= lengths[slot(first)];
            first++;
            count--;
        }
        if (count == 0) {
            head = 0;
            if (data.length > KEPT_BYTES) {
                data = new byte[INITIAL_BYTES];
            }
        }
    }

    int status(long sequence) {
        return statuses[slot(sequence)];
    }

    long position(long sequence) {
        return positions[slot(sequence)];
    }

    byte[] array() {
        return data;
    }

    int offset(long sequence) {
        return offsets[slot(sequence)];
    }

    int length(long sequence) {
        return lengths[slot(sequence)];
    }

    private int slot(long sequence) {
        return (int) sequence & (offsets.length - 1);
    }

    /// Where `length` contiguous bytes are free, growing if they are not.
    private int makeRoom(int length) {
        if (count == 0) {
            head = 0;
        }
        int tail = count == 0 ? 0 : offsets[slot(first)];
        boolean wrapped = count > 0 && (head < tail || (head == tail && bytes > 0));
        if (wrapped) {
            if (tail - head >= length) {
                return head;
            }
        } else if (data.length - head >= length) {
            return head;
        } else if (tail >= length && tail > 0) {
            return 0;
        }
        repack(length);
        return head;
    }

    /// Moves everything to the front of a larger array.
    private void repack(int length) {
        long needed = bytes + length;
        long capacity = Math.max(2L * data.length, needed + needed / 2);
        Invariant.check(needed <= Integer.MAX_VALUE - 8, "remembered replies fit an array", needed);
        byte[] larger = new byte[(int) Math.min(capacity, Integer.MAX_VALUE - 8)];
        int at = 0;
        for (long sequence = first; sequence < first + count; sequence++) {
            int slot = slot(sequence);
            System.arraycopy(data, offsets[slot], larger, at, lengths[slot]);
            offsets[slot] = at;
            at += lengths[slot];
        }
        data = larger;
        head = at;
    }

    private void growEntries() {
        int[] oldOffsets = offsets;
        int[] oldLengths = lengths;
        long[] oldPositions = positions;
        byte[] oldStatuses = statuses;
        int oldMask = oldOffsets.length - 1;
        int capacity = 2 * oldOffsets.length;
        offsets = new int[capacity];
        lengths = new int[capacity];
        positions = new long[capacity];
        statuses = Arrays.copyOf(statuses, capacity);
        for (long sequence = first; sequence < first + count; sequence++) {
            int from = (int) sequence & oldMask;
            int to = slot(sequence);
            offsets[to] = oldOffsets[from];
            lengths[to] = oldLengths[from];
            positions[to] = oldPositions[from];
            statuses[to] = oldStatuses[from];
        }
    }
}
