package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;
import dev.lockstep.core.StopSign;

import org.jspecify.annotations.Nullable;

/// What is ordered: a batch or a stop sign, with what its coordinator fixed for good before it
/// proposed it.
///
/// @param id its name
/// @param batch null for a stop sign
/// @param sign null for a batch
/// @param after the batch's predecessor among those of its boot: the batch counts only if that was
///     delivered before; 0 if there is none
/// @param stampNanos the coordinator's clock, for agreed time
/// @param fastQuorum by rank, one bit each: whose candidates the fast path takes; fixed, because
///     recovery depends on it
/// @param least the coordinator's own candidate; no member of the fast quorum makes a lower one
record Command(
        CommandId id,
        @Nullable Batch batch,
        @Nullable StopSign sign,
        long after,
        long stampNanos,
        long fastQuorum,
        long least) {

    Command {
        if ((batch == null) == (sign == null)) {
            throw new IllegalArgumentException("a command is a batch or a stop sign: " + id);
        }
    }

    /// True if the member of this rank belongs to the fast quorum.
    boolean isFast(int rank) {
        return (fastQuorum & 1L << rank) != 0;
    }

    /// What it takes in memory, about.
    long cost() {
        return 160L + (batch == null ? 0 : batch.payload().size());
    }
}
