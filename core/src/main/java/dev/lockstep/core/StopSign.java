package dev.lockstep.core;

/// The last thing ordered in an epoch: it names the next one.
///
/// @param next the epoch that begins
/// @param members its members
/// @param faults its fault model
/// @param order the name of its order, as in the configuration
/// @param firstLeader where an order with a leader begins without an election; ignored by others
public record StopSign(
        Epoch next, Membership members, FaultModel faults, String order, ReplicaId firstLeader) {}
