package dev.lockstep.node;

import dev.lockstep.core.ReplicaId;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// One member as the configuration has it.
///
/// @param host where its ports for members, clients and gateways listen and are dialled
/// @param peerPort for members
/// @param clientPort for clients
/// @param adminHost where its admin port listens
/// @param adminPort for operators; -1 for none
/// @param gatewayPorts by the gateway's name, such as `redis`
public record MemberConfig(
        ReplicaId id,
        String host,
        int peerPort,
        int clientPort,
        String adminHost,
        int adminPort,
        SortedMap<String, Integer> gatewayPorts) {

    public MemberConfig {
        gatewayPorts = Collections.unmodifiableSortedMap(new TreeMap<>(gatewayPorts));
    }
}
