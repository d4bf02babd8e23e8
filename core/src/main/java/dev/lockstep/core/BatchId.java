package dev.lockstep.core;

import java.util.Comparator;

/// A batch's name, unique across boots, incarnations and epochs.
///
/// @param origin the replica that admitted the batch
/// @param incarnation the origin's incarnation when it did
/// @param boot how many times the origin's process had started in that incarnation, from 1; 0 for
/// batches
///     that a protocol made itself, such as the empty one with which a leader opens its term. Both
///     kinds ascend by sequence in the order of positions within (origin, incarnation, boot)
/// @param sequence 1, 2, 3, … within the boot
public record BatchId(ReplicaId origin, Incarnation incarnation, int boot, long sequence)
        implements Comparable<BatchId> {

    /// The boot of batches that a protocol made itself. Process starts count from 1.
    public static final int PROTOCOL_BOOT = 0;

    private static final Comparator<BatchId> ORDER =
            Comparator.comparing(BatchId::origin)
                    .thenComparing(BatchId::incarnation)
                    .thenComparingInt(BatchId::boot)
                    .thenComparingLong(BatchId::sequence);

    public BatchId {
        if (boot < 0 || sequence < 1) {
            throw new IllegalArgumentException("boot " + boot + ", sequence " + sequence);
        }
    }

    @Override
    public int compareTo(BatchId other) {
        return ORDER.compare(this, other);
    }

    /// Such as `2.b5#17`: origin 2, boot 5, sequence 17.
    @Override
    public String toString() {
        return origin + ".b" + boot + "#" + sequence;
    }
}
