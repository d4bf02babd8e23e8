package dev.lockstep.ordering.leader;

import dev.lockstep.core.Batch;
import dev.lockstep.core.StopSign;

import org.jspecify.annotations.Nullable;

/// One entry of the replicated log. Immutable, so that the log, the journal and every follower's
/// `Append` share one object and one payload.
///
/// @param mark where it is
/// @param timeNanos agreed time as the leader stamped it, never less than the entry before
/// @param batch what is delivered at its position; empty for all but [Purpose#BATCH]
/// @param purpose why it is in the log
/// @param sign the stop sign of a [Purpose#SIGN], otherwise null
public record LogEntry(
        Mark mark, long timeNanos, Batch batch, Purpose purpose, @Nullable StopSign sign)
        implements AppendedEntry {

    /// Why an entry is in the log.
    public enum Purpose {
        /// It carries a batch, be it an empty one.
        BATCH,
        /// It ends the epoch at its position.
        SIGN,
        /// It follows a stop sign so that a new leader can commit the sign. Never delivered.
        CLOSING
    }

    public LogEntry {
        if (mark.index() == 0) {
            throw new IllegalArgumentException("no entry has index 0");
        }
        if ((purpose == Purpose.SIGN) != (sign != null)) {
            throw new IllegalArgumentException(purpose + " with stop sign " + sign);
        }
        if (purpose != Purpose.BATCH && !batch.payload().isEmpty()) {
            throw new IllegalArgumentException(purpose + " with a payload");
        }
    }

    /// Its index in the epoch.
    public long index() {
        return mark.index();
    }

    /// The term whose leader made it.
    public long term() {
        return mark.term();
    }

    @Override
    public int sizeBytes() {
        return LeaderCodec.ENTRY_BYTES + batch.payload().size();
    }
}
