package dev.lockstep.net;

import dev.lockstep.core.ClusterId;

/// Where a cluster comes from that was made of what a lost majority had left.
///
/// @param parent the cluster that lost its majority
/// @param position the last position that both have
public record Fork(ClusterId parent, long position) {

    /// What happened, for whoever still belongs to the parent: a clause without its end.
    public String toward(ClusterId cluster) {
        return "cluster %s lost a majority of its members for good and goes on as cluster %s, which forked from it after position %d"
                .formatted(parent, cluster, position);
    }
}
