package dev.lockstep.client;

import dev.lockstep.core.ClusterId;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Everything a client is told by its [ClientBuilder].
///
/// @param addresses where to begin, at least one
/// @param clusterId the only cluster to talk to; null for whichever answers
/// @param deadlineNanos of a call without its own
/// @param connectNanos how long to try until a replica answers
/// @param voting what there is to know of a cluster whose replicas may lie; null of any other
/// @param learnMembers whether to talk to members that `addresses` does not name
record ClientOptions(
        List<ServerAddress> addresses,
        @Nullable ClusterId clusterId,
        long deadlineNanos,
        long connectNanos,
        @Nullable Voting voting,
        boolean learnMembers,
        EngineOptions engine) {

    ClientOptions {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(
                    "name the client port of at least one replica, such as address(\"127.0.0.1\", 7001)");
        }
    }
}
