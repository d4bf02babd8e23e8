package dev.lockstep.node;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// One member as the configuration has it.
///
/// @param host where its ports for members, clients and gateways listen and are dialled
/// @param peerPort for members
/// @param clientPort for clients; 0 for any free one
/// @param adminHost where its admin port listens
/// @param adminPort for operators; 0 for any free one, -1 for none
/// @param gatewayPorts by the gateway's name, such as `redis`
/// @param incarnation the life that takes part in the cluster; null for the one that every member
///     can work out, see [Identity#genesis]
/// @param joins true of a replica that is to come to a cluster that exists: it is not one of the
///     members that the cluster begins with
public record MemberConfig(
        ReplicaId id,
        String host,
        int peerPort,
        int clientPort,
        String adminHost,
        int adminPort,
        SortedMap<String, Integer> gatewayPorts,
        @Nullable Incarnation incarnation,
        boolean joins) {

    public MemberConfig {
        gatewayPorts = Collections.unmodifiableSortedMap(new TreeMap<>(gatewayPorts));
    }

    /// A member in its first life.
    public MemberConfig(
            ReplicaId id,
            String host,
            int peerPort,
            int clientPort,
            String adminHost,
            int adminPort,
            SortedMap<String, Integer> gatewayPorts) {
        this(id, host, peerPort, clientPort, adminHost, adminPort, gatewayPorts, null, false);
    }
}
