package dev.lockstep.ordering.stability;

import java.util.Comparator;

/// A command at a timestamp: a candidate id, or the unique id. The order of marks is the order of
/// execution, so that equal timestamps are no tie.
record Mark(long timestamp, CommandId id) implements Comparable<Mark> {

    private static final Comparator<Mark> ORDER =
            Comparator.comparingLong(Mark::timestamp).thenComparing(Mark::id);

    @Override
    public int compareTo(Mark other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return timestamp + "/" + id;
    }
}
