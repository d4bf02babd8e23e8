package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.HostPolicy;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.Membership;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.keys.KeyOwner;
import dev.lockstep.net.keys.KeyRefusedException;
import dev.lockstep.net.keys.KeyRing;
import dev.lockstep.net.keys.MemberKeys;
import dev.lockstep.net.keys.Resilience;
import dev.lockstep.net.keys.VerifyingKey;
import dev.lockstep.replica.Trust;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a node signs with and tells others by, in a cluster whose members do not trust one another:
/// in the first epoch by the keys of the file, in later ones by those that stop signs name.
///
/// Threading: [#of] and [#whyNot] the loop's thread, all else any.
final class NodeKeys implements Trust.Members, Trust.Operators {

    /// What was made for an epoch.
    private record OfEpoch(StopSign begun, Credentials credentials) {}

    private final MemberKeys keys;
    private final ReplicaId self;

    /// By number: the keys of each operator.
    private final Map<Integer, List<VerifyingKey>> operators = new TreeMap<>();

    /// Of the last epoch that was asked about.
    private @Nullable OfEpoch last;

    private NodeKeys(MemberKeys keys, ReplicaId self) {
        this.keys = keys;
        this.self = self;
        for (KeyRing.Entry entry : keys.ring().entries()) {
            if (entry.owner().role() == KeyOwner.Role.OPERATOR) {
                VerifyingKey key = keys.library().verifyingKey(entry.key());
                operators.computeIfAbsent(entry.owner().number(), _ -> new ArrayList<>()).add(key);
            }
        }
    }

    /// True if members of a cluster in this order sign what they say.
    static boolean areNeededFor(OrderingProvider<?, ?> provider) {
        return provider.policy().history() == HostPolicy.History.PROVEN;
    }

    /// Opens the pinned library and reads the public keys.
    ///
    /// @param founders the members of the first epoch
    /// @throws ConfigException if one of them cannot be had, the keys are another cluster's, a
    ///     founder has no key, or this replica's own is not in order
    static NodeKeys load(NodeConfig config, ClusterId cluster, Membership founders) {
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
        try {
            var _ = keys.credentials(config.self(), Epoch.FIRST, founders);
        } catch (KeyRefusedException refused) {
            throw new ConfigException(String.valueOf(refused.getMessage()), refused);
        }
        return new NodeKeys(keys, config.self());
    }

    /// What the other replicas must have in common with this one: the keys of newcomers are not in
    /// all files.
    Bytes digest(Membership founders) {
        List<ReplicaId> ids = founders.members().stream().map(member -> member.id()).toList();
        return keys.ring().withReplicas(ids).digest(keys.library().provider());
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

    @Override
    public Credentials of(StopSign begun) {
        OfEpoch known = last;
        if (known == null || !known.begun.equals(begun)) {
            known = new OfEpoch(begun, make(begun));
            last = known;
        }
        return known.credentials;
    }

    private Credentials make(StopSign begun) {
        if (begun.keys().isEmpty()) {
            return keys.credentials(self, begun.next(), begun.members());
        }
        Credentials.Signer signer =
                whyNot(begun) == null && begun.members().contains(self)
                        ? keys.signer(self, begun)
                        : _ -> {
                            throw Invariant.broken("who has no key signs nothing");
                        };
        return new Credentials(keys.ring().cluster(), signer, keys.verifier(begun));
    }

    @Override
    public @Nullable String whyNot(StopSign begun) {
        if (begun.keys().isEmpty() || !begun.members().contains(self)) {
            return null;
        }
        try {
            var _ = keys.signer(self, begun);
            return null;
        } catch (KeyRefusedException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Override
    public boolean isGenuine(int operator, Bytes content, Bytes signature) {
        for (VerifyingKey key : operators.getOrDefault(operator, List.of())) {
            if (key.isGenuine(content, signature)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isKey(Bytes key) {
        return KeyRing.isKey(key);
    }
}
