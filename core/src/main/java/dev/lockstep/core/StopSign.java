package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// The last thing ordered in an epoch: it names the next one.
///
/// @param next the epoch that begins
/// @param members its members
/// @param faults its fault model
/// @param order the name of its order, as in the configuration
/// @param firstLeader where an order with a leader begins without an election; ignored by others
/// @param keys by which each member is known, in the order of the members; empty where nobody
///     signs, and of an epoch whose members all replicas are configured with
public record StopSign(
        Epoch next,
        Membership members,
        FaultModel faults,
        String order,
        ReplicaId firstLeader,
        List<Bytes> keys) {

    /// No key has more bytes.
    public static final int MAX_KEY_BYTES = 128;

    public StopSign {
        keys = List.copyOf(keys);
        if (!keys.isEmpty() && keys.size() != members.size()) {
            throw new IllegalArgumentException(
                    keys.size() + " keys for " + members.size() + " members");
        }
    }

    /// One without keys.
    public StopSign(
            Epoch next,
            Membership members,
            FaultModel faults,
            String order,
            ReplicaId firstLeader) {
        this(next, members, faults, order, firstLeader, List.of());
    }
}
