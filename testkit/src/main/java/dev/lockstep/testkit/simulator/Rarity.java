package dev.lockstep.testkit.simulator;

import dev.lockstep.core.ProtocolMessage;

import java.util.HashMap;
import java.util.Map;

/// Counts messages of a protocol by their kind, to tell which are seldom.
final class Rarity {

    /// A kind of which there was not one among so many is rarer than those which any run has.
    private static final int SELDOM = 200;

    private final Map<Class<?>, int[]> counts = new HashMap<>();

    private long all;

    /// Counts one more message.
    ///
    /// @return how many of its kind there were, this one included
    int count(ProtocolMessage message) {
        all++;
        return ++counts.computeIfAbsent(message.getClass(), _ -> new int[1])[0];
    }

    /// Counts one more message.
    ///
    /// @return true if few are of its kind
    boolean isSeldom(ProtocolMessage message) {
        return isSeldom(count(message));
    }

    /// True if so many of all that were counted are few.
    boolean isSeldom(int count) {
        return (long) count * SELDOM < all;
    }
}
