package dev.lockstep.node;

import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.PeerConnections;
import dev.lockstep.replica.Replica;

import java.util.List;
import java.util.SortedMap;

/// A node's parts once it takes part, and how they part.
///
/// Threading: the loop's thread, except [#loop]'s own exceptions.
///
/// @param ports those that listen, by what the configuration calls them
record RunningNode(
        NodeLoop loop,
        NetworkLoop network,
        Replica replica,
        PeerConnections peers,
        ClientConnections clients,
        ClientDoorman doorman,
        List<GatewayService> gateways,
        SortedMap<String, Integer> ports) {

    private static final long GOODBYE_NANOS = 400_000_000;
    private static final long POLL_NANOS = 20_000_000;

    /// What was written is sent, then everybody is disconnected; after an orderly stop.
    void sayGoodbye() {
        doorman.close();
        network.flush();
        clients.closeWhenSent();
        long start = System.nanoTime();
        while (clients.count() > 0 && System.nanoTime() - start < GOODBYE_NANOS) {
            network.poll(POLL_NANOS);
            network.flush();
        }
    }
}
