package dev.lockstep.core;

/// The reign of one ordering engine with one member set: 1, 2, 3, …, chained by stop signs.
public record Epoch(long value) implements Comparable<Epoch> {

    /// The epoch in which every cluster begins.
    public static final Epoch FIRST = new Epoch(1);

    public Epoch {
        if (value < 1) {
            throw new IllegalArgumentException("an epoch is at least 1, not " + value);
        }
    }

    /// The epoch after this one.
    public Epoch next() {
        return new Epoch(value + 1);
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
