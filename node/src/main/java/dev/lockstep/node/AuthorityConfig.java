package dev.lockstep.node;

import dev.lockstep.core.ClusterId;

import java.util.List;

/// Where the configuration authority of a cluster under fail-stop faults is: a cluster of its own,
/// with `service: authority`.
///
/// @param cluster its id, so that no other is taken for it
/// @param addresses `host:port` of its members' client ports
public record AuthorityConfig(ClusterId cluster, List<String> addresses) {

    public AuthorityConfig {
        addresses = List.copyOf(addresses);
    }
}
