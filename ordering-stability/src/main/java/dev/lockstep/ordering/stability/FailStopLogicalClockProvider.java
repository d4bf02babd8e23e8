package dev.lockstep.ordering.stability;

/// Stability ordering under fail-stop faults, n = t+1, with Lamport timestamps.
public final class FailStopLogicalClockProvider extends FailStopProvider {

    /// For [java.util.ServiceLoader].
    public FailStopLogicalClockProvider() {
        this(FailStopRules.CORRECT);
    }

    /// For tests that break a rule.
    FailStopLogicalClockProvider(FailStopRules rules) {
        super(new LogicalClock(), false, rules);
    }
}
