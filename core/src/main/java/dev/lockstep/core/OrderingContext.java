package dev.lockstep.core;

import java.util.SortedMap;
import java.util.random.RandomGenerator;

/// What a protocol instance is constructed with.
///
/// @param self the replica that hosts it
/// @param epoch the epoch that it orders
/// @param members the epoch's members; `self` is one of them unless it only observes
/// @param firstLeader the member that begins, for orders with a leader
/// @param random seeded by the host; the protocol's only randomness
/// @param options the protocol's own options by name, already known to be valid
///     ([OrderingProvider#checkOptions])
/// @param isMember false if `self`, in the life that it is in, is none of the members: it observes
/// @param credentials what it signs with; [Credentials#NONE] for protocols that do not
public record OrderingContext(
        ReplicaId self,
        Epoch epoch,
        Membership members,
        ReplicaId firstLeader,
        RandomGenerator random,
        SortedMap<String, String> options,
        boolean isMember,
        Credentials credentials) {

    /// For protocols that sign nothing.
    public OrderingContext(
            ReplicaId self,
            Epoch epoch,
            Membership members,
            ReplicaId firstLeader,
            RandomGenerator random,
            SortedMap<String, String> options,
            boolean isMember) {
        this(self, epoch, members, firstLeader, random, options, isMember, Credentials.NONE);
    }
}
