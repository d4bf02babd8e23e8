package dev.lockstep.ordering.stability;

/// Stability ordering under crash faults, n = 2t+1, with ids that replicas propose.
public final class ReplicaIdsProvider extends StabilityProvider {

    /// For [java.util.ServiceLoader].
    public ReplicaIdsProvider() {
        this(Rules.CORRECT);
    }

    /// For tests that break a rule.
    ReplicaIdsProvider(Rules rules) {
        super(new ReplicaIds(), rules);
    }
}
