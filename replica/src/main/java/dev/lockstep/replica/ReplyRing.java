package dev.lockstep.replica;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// The remembered replies of one session: a queue of consecutive sequence numbers, appended as
/// commands are executed and forgotten from the front.
///
/// The replies lie one after the other in one circular array, so that remembering costs a copy and
/// no object. A reply is never split: where the rest of the array is too short for it, it starts
/// again at the front. A large reply has an array of its own, so that many of them take what they
/// are and no more: growing an array takes two more of it at times.
final class ReplyRing {

    private static final int INITIAL_ENTRIES = 8;
    private static final int INITIAL_BYTES = 128;

    /// Above this the memory is given back when the queue runs empty.
    private static final int KEPT_BYTES = 64 << 10;

    /// A reply of so many bytes or more is large.
    static final int LARGE_BYTES = 64 << 10;

    /// Indexed by sequence, modulo their length, a power of two.
    private int[] offsets = new int[INITIAL_ENTRIES];

    private int[] lengths = new int[INITIAL_ENTRIES];
    private long[] positions = new long[INITIAL_ENTRIES];
    private byte[] statuses = new byte[INITIAL_ENTRIES];

    /// The large ones, likewise; null where a reply is none, and until there has been one.
    private @Nullable Bytes @Nullable [] large;

    private byte[] data = new byte[INITIAL_BYTES];

    /// Where the next reply goes.
    private int head;

    /// The lowest sequence that is remembered, if any is.
    private long first;

    private int count;

    /// The sum of `lengths`.
    private long bytes;

    /// As much of that as is in `data`.
    private int dataBytes;

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
        int slot = slot(first + count);
        boolean isLarge = length >= LARGE_BYTES;
        int inData = isLarge ? 0 : length;
        int at = makeRoom(inData);
        if (isLarge) {
            keepLarge(slot, Arrays.copyOfRange(source, offset, offset + length));
        } else {
            System.arraycopy(source, offset, data, at, length);
        }
        offsets[slot] = at;
        lengths[slot] = length;
        positions[slot] = position;
        statuses[slot] = (byte) status;
        head = at + inData;
        bytes += length;
        dataBytes += inData;
        count++;
    }

    private void keepLarge(int slot, byte[] reply) {
        @Nullable Bytes[] kept = large;
        if (kept == null) {
            kept = new Bytes[offsets.length];
            large = kept;
        }
        kept[slot] = Bytes.wrap(reply);
    }

    private @Nullable Bytes large(int slot) {
        @Nullable Bytes[] kept = large;
        return kept == null ? null : kept[slot];
    }

    private int lengthInData(int slot) {
        return large(slot) == null ? lengths[slot] : 0;
    }

    /// Forgets every reply through `sequence`.
    void forgetThrough(long sequence) {
        while (count > 0 && first <= sequence) {
            int slot = slot(first);
            bytes -= lengths[slot];
            dataBytes -= lengthInData(slot);
            @Nullable Bytes[] kept = large;
            if (kept != null) {
                kept[slot] = null;
            }
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

    /// Where the reply is, from [#offset] on.
    byte[] array(long sequence) {
        Bytes own = large(slot(sequence));
        return own == null ? data : own.backingArray();
    }

    int offset(long sequence) {
        int slot = slot(sequence);
        return large(slot) == null ? offsets[slot] : 0;
    }

    /// The memory of all replies that are not large.
    int capacityBytes() {
        return data.length;
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
        boolean wrapped = count > 0 && (head < tail || (head == tail && dataBytes > 0));
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
        long needed = (long) dataBytes + length;
        long capacity = Math.max(2L * data.length, needed + needed / 2);
        Invariant.check(needed <= Integer.MAX_VALUE - 8, "remembered replies fit an array", needed);
        byte[] larger = new byte[(int) Math.min(capacity, Integer.MAX_VALUE - 8)];
        int at = 0;
        for (long sequence = first; sequence < first + count; sequence++) {
            int slot = slot(sequence);
            int inData = lengthInData(slot);
            System.arraycopy(data, offsets[slot], larger, at, inData);
            offsets[slot] = at;
            at += inData;
        }
        data = larger;
        head = at;
    }

    private void growEntries() {
        int[] oldOffsets = offsets;
        int[] oldLengths = lengths;
        long[] oldPositions = positions;
        byte[] oldStatuses = statuses;
        @Nullable Bytes[] oldLarge = large;
        int oldMask = oldOffsets.length - 1;
        int capacity = 2 * oldOffsets.length;
        offsets = new int[capacity];
        lengths = new int[capacity];
        positions = new long[capacity];
        @Nullable Bytes[] moreLarge = oldLarge == null ? null : new Bytes[capacity];
        large = moreLarge;
        statuses = Arrays.copyOf(statuses, capacity);
        for (long sequence = first; sequence < first + count; sequence++) {
            int from = (int) sequence & oldMask;
            int to = slot(sequence);
            offsets[to] = oldOffsets[from];
            lengths[to] = oldLengths[from];
            positions[to] = oldPositions[from];
            statuses[to] = oldStatuses[from];
            if (oldLarge != null && moreLarge != null) {
                moreLarge[to] = oldLarge[from];
            }
        }
    }
}
