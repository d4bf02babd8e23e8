package dev.lockstep.journal;

import dev.lockstep.core.Invariant;

import org.jspecify.annotations.Nullable;

/// The records that are appended and not durable, by sequence, in a ring that grows.
///
/// Threading: the replica's thread; a group takes a view of its part with it. Growing makes a new
/// ring and leaves the old one as it is, so that the view stays right.
final class PendingRecords {

    private @Nullable PendingRecord[] ring = new PendingRecord[64];

    /// The first and the last sequence that are held; `last` is one less than `first` if none is.
    private long first;

    private long last;

    PendingRecords(long lastDurable) {
        first = lastDurable + 1;
        last = lastDurable;
    }

    long last() {
        return last;
    }

    boolean holds(long sequence) {
        return sequence >= first && sequence <= last;
    }

    PendingRecord add() {
        if (last - first + 1 == ring.length) {
            grow();
        }
        last++;
        int slot = (int) last & (ring.length - 1);
        PendingRecord record = ring[slot];
        if (record == null) {
            record = new PendingRecord();
            ring[slot] = record;
        }
        return record;
    }

    PendingRecord get(long sequence) {
        Invariant.check(holds(sequence), "the record is pending", sequence);
        return at(ring, sequence);
    }

    void removeFirst() {
        get(first).clear();
        first++;
    }

    /// A view that stays right until the first of its records is removed.
    View view() {
        return new View(ring);
    }

    private void grow() {
        @Nullable PendingRecord[] larger = new PendingRecord[ring.length * 2];
        for (long sequence = first; sequence <= last; sequence++) {
            larger[(int) sequence & (larger.length - 1)] = at(ring, sequence);
        }
        ring = larger;
    }

    private static PendingRecord at(@Nullable PendingRecord[] ring, long sequence) {
        PendingRecord record = ring[(int) sequence & (ring.length - 1)];
        if (record == null) {
            throw Invariant.broken("a pending record is in the ring");
        }
        return record;
    }

    /// Some records, for the thread that writes them.
    static final class View {

        private final @Nullable PendingRecord[] ring;

        private View(@Nullable PendingRecord[] ring) {
            this.ring = ring;
        }

        PendingRecord get(long sequence) {
            return at(ring, sequence);
        }
    }
}
