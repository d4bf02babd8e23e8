package dev.lockstep.ordering.stability;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;

import java.util.Comparator;
import java.util.TreeMap;

/// The last batch delivered of every boot of every origin.
final class BatchMarks {

    private record Boot(ReplicaId origin, Incarnation incarnation, int boot)
            implements Comparable<Boot> {

        private static final Comparator<Boot> ORDER =
                Comparator.comparing(Boot::origin)
                        .thenComparing(Boot::incarnation)
                        .thenComparingInt(Boot::boot);

        static Boot of(BatchId id) {
            return new Boot(id.origin(), id.incarnation(), id.boot());
        }

        @Override
        public int compareTo(Boot other) {
            return ORDER.compare(this, other);
        }
    }

    private final TreeMap<Boot, Long> last = new TreeMap<>();

    void note(BatchId id) {
        if (id.boot() != BatchId.PROTOCOL_BOOT) {
            last.merge(Boot.of(id), id.sequence(), Math::max);
        }
    }

    /// The sequence of the last batch of its boot; 0 before the first.
    long last(BatchId id) {
        return last.getOrDefault(Boot.of(id), 0L);
    }
}
