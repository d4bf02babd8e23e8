package dev.lockstep.node;

import dev.lockstep.net.PeerConnections;
import dev.lockstep.replica.ReplicaStatus;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says in the log what a replica is in its cluster, whenever that has changed, and what is wrong
/// with one that waits to become a member and is not heard.
///
/// Threading: the loop's thread.
final class Standing {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    /// Who waits for so long without being answered is told what may be the matter.
    private static final long LONELY_NANOS = 10_000_000_000L;

    private final NodeConfig config;
    private final Identity identity;
    private final Whereabouts whereabouts;
    private final PeerConnections peers;

    /// What was said last.
    private String said = "";

    /// When a replica was last connected, or this one began to wait; 0 before.
    private long lonelySince;

    private boolean isLonelySaid;

    Standing(NodeConfig config, Identity identity, Whereabouts whereabouts, PeerConnections peers) {
        this.config = config;
        this.identity = identity;
        this.whereabouts = whereabouts;
        this.peers = peers;
    }

    void look(ReplicaStatus status, long nowNanos) {
        String now = status.member() ? placeOf(status) : "is not a member and follows the cluster";
        if (!now.equals(said)) {
            said = now;
            if (status.member()) {
                LOG.info("replica {}: {}", status.self(), now);
            } else {
                LOG.warn(
                        "replica {} is no member of epoch {} in its life {}: it follows the cluster"
                                + " and votes on nothing{}",
                        status.self(),
                        status.epoch(),
                        identity.incarnation(),
                        isMemberInAnotherLife() || config.authority() != null
                                ? "; when it has caught up, it is taken in again by itself"
                                : "; to take it in: lockstep member add " + status.self());
            }
        }
        if (status.member() || peers.connectedPeers() > 0) {
            lonelySince = 0;
        } else if (lonelySince == 0) {
            lonelySince = nowNanos;
        } else if (!isLonelySaid && nowNanos - lonelySince > LONELY_NANOS) {
            isLonelySaid = true;
            LOG.warn(
                    "replica {} waits for a member that knows the cluster, and none answers at {};"
                            + " a new cluster is begun with lockstep init on empty directories",
                    status.self(),
                    config.founders().stream()
                            .filter(each -> !each.id().equals(config.self()))
                            .map(each -> each.host() + ":" + each.peerPort())
                            .toList());
        }
    }

    private boolean isMemberInAnotherLife() {
        var reign = whereabouts.reign();
        return reign != null && reign.members().contains(identity.replica());
    }

    static String placeOf(ReplicaStatus status) {
        String role = status.order().getOrDefault("role", "member");
        String term = status.order().get("term");
        return role
                + (term == null ? "" : " in term " + term)
                + (status.preferredEntry() == null
                        ? ", no leader known"
                        : ", best entry is replica " + status.preferredEntry());
    }
}
