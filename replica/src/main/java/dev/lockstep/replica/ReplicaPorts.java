package dev.lockstep.replica;

import dev.lockstep.core.port.ClientPort;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.port.Snapshots;

import java.util.random.RandomGenerator;

/// What a replica reaches the world through.
///
/// @param journal not touched before its records are replayed
/// @param snapshots where the snapshots are
/// @param peers the way to the other members
/// @param clients the way back to clients
/// @param random the only source of randomness: for the protocol's timeouts
/// @param listener hears what happens
public record ReplicaPorts(
        Journal journal,
        Snapshots snapshots,
        PeerPort peers,
        ClientPort clients,
        RandomGenerator random,
        ReplicaListener listener) {}
