package dev.lockstep.ordering.stability;

/// Stability ordering under fail-stop faults, n = t+1, with ids that all members propose candidates
/// for.
public final class FailStopReplicaIdsProvider extends FailStopProvider {

    /// For [java.util.ServiceLoader].
    public FailStopReplicaIdsProvider() {
        this(FailStopRules.CORRECT);
    }

    /// For tests that break a rule.
    FailStopReplicaIdsProvider(FailStopRules rules) {
        super(new ReplicaIds(), true, rules);
    }
}
