package dev.lockstep.node;

import dev.lockstep.core.Accusation;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.OrderingProvider;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.keys.MemberKeys;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/// Tells what a proof shows that some replica keeps: with the members' public keys alone, so that
/// nobody's word has to be believed.
///
/// Threading: one thread.
public final class EvidenceJudge {

    private final ClusterId cluster;
    private final MemberKeys keys;
    private final Map<Epoch, Credentials.Verifier> verifiers = new HashMap<>();

    /// Judges what is kept in the cluster of this configuration.
    ///
    /// @throws ConfigException if its keys or its library cannot be had
    public EvidenceJudge(NodeConfig config) {
        keys = config.signatures().load();
        cluster = keys.ring().cluster();
    }

    /// What it shows; empty if it shows nothing.
    public Optional<Accusation> judge(Bytes proof) {
        for (OrderingProvider<?, ?> provider : ServiceLoader.load(OrderingProvider.class)) {
            Optional<Accusation> found = provider.judge(proof, cluster, this::verifier);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Credentials.Verifier verifier(Epoch epoch) {
        return verifiers.computeIfAbsent(epoch, keys::verifier);
    }
}
