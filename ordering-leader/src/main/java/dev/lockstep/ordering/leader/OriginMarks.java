package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Membership;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// How far each origin's batches have got: within a boot they ascend, so that one number a member
/// tells what is there.
final class OriginMarks {

    private final Membership members;

    /// The life and boot that `sequences` speak of.
    private final @Nullable Incarnation[] incarnations;

    private final int[] boots;

    /// The highest sequence noted of the boot.
    private final long[] sequences;

    OriginMarks(Membership members) {
        this.members = members;
        this.incarnations = Arrays.copyOf(new @Nullable Incarnation[0], members.size());
        this.boots = new int[members.size()];
        this.sequences = new long[members.size()];
    }

    void copyFrom(OriginMarks other) {
        System.arraycopy(other.incarnations, 0, incarnations, 0, incarnations.length);
        System.arraycopy(other.boots, 0, boots, 0, boots.length);
        System.arraycopy(other.sequences, 0, sequences, 0, sequences.length);
    }

    /// A batch has got there. Those that protocols make themselves do not count.
    void note(BatchId id) {
        int rank = members.indexOf(id.origin());
        if (rank < 0 || id.boot() == BatchId.PROTOCOL_BOOT) {
            return;
        }
        if (!isSameLife(rank, id) || boots[rank] < id.boot()) {
            incarnations[rank] = id.incarnation();
            boots[rank] = id.boot();
            sequences[rank] = id.sequence();
        } else if (boots[rank] == id.boot()) {
            sequences[rank] = Math.max(sequences[rank], id.sequence());
        }
    }

    /// The highest sequence noted of the boot of `id`: 0 if there is none, the most possible if a
    /// later boot's was noted.
    long highest(BatchId id) {
        int rank = members.indexOf(id.origin());
        if (rank < 0 || !isSameLife(rank, id) || boots[rank] < id.boot()) {
            return 0;
        }
        return boots[rank] == id.boot() ? sequences[rank] : Long.MAX_VALUE;
    }

    private boolean isSameLife(int rank, BatchId id) {
        return id.incarnation().equals(incarnations[rank]);
    }
}
