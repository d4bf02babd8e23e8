package dev.lockstep.replica;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.AuthorityPort;
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
/// @param authority the way to the configuration authority; asked by orders that have one
/// @param digester reads whole states, to be compared with those of the other members
/// @param trust what the replica signs with and tells others' signatures by
public record ReplicaPorts(
        Journal journal,
        Snapshots snapshots,
        PeerPort peers,
        ClientPort clients,
        RandomGenerator random,
        ReplicaListener listener,
        AuthorityPort authority,
        StateDigester digester,
        Trust trust) {

    /// The same for a cluster in which nobody signs anything.
    public ReplicaPorts(
            Journal journal,
            Snapshots snapshots,
            PeerPort peers,
            ClientPort clients,
            RandomGenerator random,
            ReplicaListener listener,
            AuthorityPort authority,
            StateDigester digester) {
        this(journal, snapshots, peers, clients, random, listener, authority, digester, Trust.NONE);
    }

    /// The same for a cluster that has no configuration authority, and compares no states.
    public ReplicaPorts(
            Journal journal,
            Snapshots snapshots,
            PeerPort peers,
            ClientPort clients,
            RandomGenerator random,
            ReplicaListener listener) {
        this(
                journal,
                snapshots,
                peers,
                clients,
                random,
                listener,
                question -> {
                    throw Invariant.broken("there is an authority to ask: " + question);
                },
                StateDigester.NONE);
    }

    /// The same with another way to tell whose a message or a request is.
    public ReplicaPorts withTrust(Trust other) {
        return new ReplicaPorts(
                journal, snapshots, peers, clients, random, listener, authority, digester, other);
    }
}
