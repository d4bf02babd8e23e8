package dev.lockstep.ordering.leader;

import dev.lockstep.core.BatchId;

/// An entry as an `Append` carries it: whole, or by the name of a batch that the receiver holds.
public sealed interface AppendedEntry permits LogEntry, AppendedEntry.Reference {

    /// Where the entry is.
    Mark mark();

    /// Agreed time as the leader stamped it.
    long timeNanos();

    /// How many bytes it takes on the wire, near enough for windows and frames.
    int sizeBytes();

    /// A batch that the receiver itself forwarded: it keeps the payload until it has delivered it.
    ///
    /// @param mark where the entry is
    /// @param timeNanos agreed time as the leader stamped it
    /// @param batch what the batch is called
    /// @param checksum the batch's checksum, so that only the very same payload is taken
    record Reference(Mark mark, long timeNanos, BatchId batch, int checksum)
            implements AppendedEntry {

        public Reference {
            if (mark.index() == 0) {
                throw new IllegalArgumentException("no entry has index 0");
            }
        }

        @Override
        public int sizeBytes() {
            return LeaderCodec.REFERENCE_BYTES;
        }
    }
}
