package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.net.keys.MemberKeys;
import dev.lockstep.net.keys.Resilience;

/// What a node signs with and tells others by, in a cluster whose members do not trust one another.
///
/// Threading: any thread.
final class NodeKeys {

    private final MemberKeys keys;

    private NodeKeys(MemberKeys keys) {
        this.keys = keys;
    }

    /// True if members of a cluster in this order sign what they say.
    static boolean areNeededFor(OrderingProvider<?, ?> provider) {
        return provider.policy().history() == HostPolicy.History.PROVEN;
    }

    /// Opens the pinned library and reads the public keys.
    ///
    /// @throws ConfigException if one of them cannot be had, or the keys are another cluster's
    static NodeKeys load(NodeConfig config, ClusterId cluster) {
        MemberKeys keys = config.signatures().load();
        if (!keys.ring().cluster().equals(cluster)) {
            throw new ConfigException(
                    "%s has the public keys of cluster %s, and replica %s belongs to cluster %s: bring the right file"
                            .formatted(
                                    config.signatures().keys().publicKeys(),
                                    keys.ring().cluster(),
                                    config.self(),
                                    cluster));
        }
        return new NodeKeys(keys);
    }

    /// What the other members must have in common with this one.
    Bytes digest() {
        return keys.ring().digest(keys.library().provider());
    }

    /// Tells whose requests of clients are.
    RequestVerifiers requests(Resilience resilience) {
        return new RequestVerifiers(keys, resilience);
    }

    /// How many members may lie, as the configuration has it.
    static Resilience resilience(NodeConfig config) {
        return Resilience.parse(
                config.protocolOptions().getOrDefault("resilience", Resilience.THIRD.word()));
    }

    /// What `self` signs with among these members.
    ///
    /// @throws ConfigException if a member has no key, or the private one is not in order
    Credentials credentials(ReplicaId self, Epoch epoch, Membership members) {
        try {
            return keys.credentials(self, epoch, members);
        } catch (KeyRefusedException refused) {
            throw new ConfigException(String.valueOf(refused.getMessage()), refused);
        }
    }
}
