package dev.lockstep.ordering.stability;

import java.util.List;

/// What every message under fail-stop faults says of its sender. Facts for ever within the epoch,
/// because a member that restarts never goes on in it.
///
/// @param floor the sender originates nothing at or below this any more
/// @param count so many commands it has originated; the floor is believed by who has them all
/// @param through the sender durably holds all commands with a unique id at or below this, of
///     whomever, and no other can come there any more
/// @param wallNanos the sender's clock
/// @param received by rank: so many commands of each member are here
record FailStopHeader(long floor, long count, long through, long wallNanos, List<Long> received) {

    FailStopHeader {
        received = List.copyOf(received);
    }
}
