package dev.lockstep.core;

/// A member's number in its cluster, 1 to 65,535: stable for ever, chosen by the operator.
public record ReplicaId(int value) implements Comparable<ReplicaId> {

    /// The largest number a replica may have.
    public static final int MAX_VALUE = 0xffff;

    public ReplicaId {
        if (value < 1 || value > MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a replica id is a number from 1 to " + MAX_VALUE + ", not " + value);
        }
    }

    @Override
    public int compareTo(ReplicaId other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
