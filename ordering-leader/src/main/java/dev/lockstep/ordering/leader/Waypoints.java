package dev.lockstep.ordering.leader;

import java.util.Arrays;

/// Where in the journal the entries are that left memory: every so manieth, and more where they are
/// large, which is enough to drop what lies before a snapshot.
final class Waypoints {

    /// There is a waypoint at the latest after so many entries or bytes of entries: so much of the
    /// journal may stay that could go, for 16 bytes of memory each.
    private static final int STRIDE = 64;

    private static final int STRIDE_BYTES = 4 << 10;

    private long[] indices = new long[16];
    private long[] sequences = new long[16];
    private int count;

    /// The last waypoint that was made: its index, and the bytes of all entries before it.
    private long lastIndex = Long.MIN_VALUE / 2;

    private long lastBytes;

    /// An entry leaves memory; indices ascend.
    ///
    /// @param bytesBefore of all entries before it since the start
    void pass(long index, long sequence, long bytesBefore) {
        if (index - lastIndex < STRIDE && bytesBefore - lastBytes < STRIDE_BYTES) {
            return;
        }
        lastIndex = index;
        lastBytes = bytesBefore;
        if (count == indices.length) {
            indices = Arrays.copyOf(indices, 2 * count);
            sequences = Arrays.copyOf(sequences, 2 * count);
        }
        indices[count] = index;
        sequences[count] = sequence;
        count++;
    }

    /// A sequence before the record of `index`, 0 if none is known; forgets what lies before it.
    long before(long index) {
        int at = Arrays.binarySearch(indices, 0, count, index);
        int found = at < 0 ? -at - 1 : at + 1;
        if (found == 0) {
            return 0;
        }
        long sequence = sequences[found - 1] - 1;
        int left = count - (found - 1);
        System.arraycopy(indices, found - 1, indices, 0, left);
        System.arraycopy(sequences, found - 1, sequences, 0, left);
        count = left;
        return sequence;
    }
}
