package dev.lockstep.ordering.stability;

import java.util.List;

/// What every message says of its sender.
///
/// "My floor is `through`; all my candidates in (`from`, `through`] are `listed`; all of those at
/// or below `from`, unless `basePosition` is [#NO_BASE], belong to commands executed by that
/// position." All of it is durable at the sender, stays true for ever, and one header makes good
/// for any number of lost ones.
///
/// @param from where the list begins, exclusive
/// @param through the sender's floor: it makes no candidate at or below it any more
/// @param basePosition see above; [#NO_BASE] unless the list begins at what the sender has
/// forgotten
/// @param listed candidates, ascending
/// @param known the receiver's floor as far as the sender knows it
/// @param position how far the sender has delivered
/// @param bump raise your floor to here: somebody waits to read
/// @param wallNanos the sender's wall clock
record Header(
        long from,
        long through,
        long basePosition,
        List<Mark> listed,
        long known,
        long position,
        long bump,
        long wallNanos) {

    static final long NO_BASE = -1;

    Header {
        listed = List.copyOf(listed);
    }
}
