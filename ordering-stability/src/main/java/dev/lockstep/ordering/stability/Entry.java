package dev.lockstep.ordering.stability;

import dev.lockstep.core.Batch;

/// A command under fail-stop faults, as one member holds it.
///
/// @param id its name; a member's numbers have no gaps within an epoch
/// @param value its unique id if that is fixed; else the holder's candidate
/// @param isFixed true if the value is the unique id
/// @param stampNanos the coordinator's clock, for agreed time
record Entry(CommandId id, long value, boolean isFixed, long stampNanos, Batch batch) {

    Mark mark() {
        return new Mark(value, id);
    }

    Entry withValue(long other, boolean fixed) {
        return new Entry(id, other, fixed, stampNanos, batch);
    }
}
