package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeSet;

/// Tells whether a wish may be ordered. All honest replicas judge alike: nothing is looked at but
/// the wish, the epoch, and what the whole cluster is configured with.
///
/// Threading: any thread.
final class WishJudge {

    private final ClusterId cluster;
    private final Trust.Operators operators;
    private final OrderingProvider<?, ?> provider;
    private final SortedMap<String, String> options;
    private final ReplicaRules rules;

    /// @param provider the cluster's order
    WishJudge(
            ReplicaOptions options,
            Trust.Operators operators,
            OrderingProvider<?, ?> provider,
            ReplicaRules rules) {
        this.cluster = options.clusterId();
        this.operators = operators;
        this.provider = provider;
        this.options = options.protocolOptions();
        this.rules = rules;
    }

    /// True if a wish's bytes are those of a good one.
    ///
    /// @param epoch the one in which it is ordered
    boolean isGood(long epoch, Bytes body) {
        try {
            return whyNot(epoch, Wish.decode(body)) == null;
        } catch (MalformedException _) {
            return false;
        }
    }

    /// Why it is not ordered, in a sentence; null if it may be.
    @Nullable String whyNot(long epoch, Wish wish) {
        if (wish.endsEpoch() != epoch) {
            return "the wish is for epoch "
                    + wish.sign().next()
                    + ", and the cluster is in epoch "
                    + epoch
                    + ": look who the members are, and sign it again";
        }
        String unfit = whyUnfit(wish.sign());
        if (unfit != null) {
            return unfit;
        }
        if (rules.checksWishes() && !wish.isSigned(cluster, operators)) {
            return "no operator of this cluster has signed the wish: see that the key of operator "
                    + wish.operator()
                    + " is the one that the public keys of all replicas have under this number";
        }
        return null;
    }

    private @Nullable String whyUnfit(StopSign sign) {
        if (sign.faults() != provider.faults() || !sign.order().equals(provider.order())) {
            return "a cluster in which members may lie keeps its fault model and its order, "
                    + provider.order()
                    + " under faults: "
                    + provider.faults().name().toLowerCase(Locale.ROOT)
                    + ": begin a new cluster for others";
        }
        int size = sign.members().size();
        if (provider.tolerated(size, options) < 1) {
            return "of "
                    + size
                    + " members none may lie, and the cluster is one in which one may: there must"
                    + " be more";
        }
        if (!sign.members().contains(sign.firstLeader())) {
            return "replica " + sign.firstLeader() + " is to lead first, and is no member";
        }
        if (sign.keys().size() != size) {
            return "the wish does not say by which keys the members are known";
        }
        TreeSet<String> keys = new TreeSet<>();
        for (Bytes key : sign.keys()) {
            if (!operators.isKey(key)) {
                return "one of the keys in the wish is none that a cluster takes";
            }
            if (!keys.add(java.util.HexFormat.of().formatHex(key.toByteArray()))) {
                return "two members have the same key in the wish: each needs one of its own";
            }
        }
        return null;
    }
}
