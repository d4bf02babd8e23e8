package dev.lockstep.ordering.stability;

import dev.lockstep.core.StopSign;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What an epoch ends with after a position that some member of it had reached.
///
/// @param attempt the configuration authority's; the suffix is the one of that attempt for good
/// @param next the epoch that begins
/// @param base the position after which it follows
/// @param last what was delivered there in this epoch; null if nothing was
/// @param order the commands that follow, in order
record Suffix(long attempt, StopSign next, long base, @Nullable Mark last, List<Mark> order) {

    Suffix {
        order = List.copyOf(order);
    }
}
