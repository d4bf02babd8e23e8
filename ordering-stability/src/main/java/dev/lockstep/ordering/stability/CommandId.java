package dev.lockstep.ordering.stability;

import dev.lockstep.core.ReplicaId;

import java.util.Comparator;

/// A command's name within its epoch: who coordinates it, and the how manieth of that member's it
/// is.
///
/// Numbers go on over restarts. The record of a command is durable before its name is sent, so a
/// number that a restarted member does not find in its journal was never heard of by anybody.
///
/// @param origin the member that admitted the batch
/// @param number 1, 2, 3, … within the epoch
record CommandId(ReplicaId origin, long number) implements Comparable<CommandId> {

    private static final Comparator<CommandId> ORDER =
            Comparator.comparing(CommandId::origin).thenComparingLong(CommandId::number);

    CommandId {
        if (number < 1) {
            throw new IllegalArgumentException("command number " + number);
        }
    }

    @Override
    public int compareTo(CommandId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return origin + "#" + number;
    }
}
