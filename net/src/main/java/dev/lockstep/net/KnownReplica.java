package dev.lockstep.net;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;

/// A replica as it was when it last said who it is and where it is reached.
///
/// @param boot how many times its process had started in this incarnation
/// @param start the random number of that start
public record KnownReplica(
        ReplicaId id, Incarnation incarnation, int boot, long start, ReplicaAddress address) {

    public KnownReplica {
        if (boot < 0) {
            throw new IllegalArgumentException("boot " + boot);
        }
    }
}
