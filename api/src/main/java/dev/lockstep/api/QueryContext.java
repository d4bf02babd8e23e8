package dev.lockstep.api;

import java.time.Instant;

/// What a state machine may know about the moment at which it is asked. Valid during the call only.
public interface QueryContext {

    /// Agreed time in nanoseconds since 1970-01-01T00:00Z: the same on every replica at the same
    /// position, never going back, within the cluster's clock skew of real time.
    long timeNanos();

    /// Agreed time, as [#timeNanos()].
    default Instant now() {
        long nanos = timeNanos();
        return Instant.ofEpochSecond(
                Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
    }

    /// The position in the total order up to which the state has executed: 1, 2, 3, …; commands of
    /// one batch share it.
    long position();
}
