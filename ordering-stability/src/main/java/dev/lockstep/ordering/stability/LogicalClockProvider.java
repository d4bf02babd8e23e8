package dev.lockstep.ordering.stability;

/// Stability ordering under crash faults, n = 2t+1, with Lamport timestamps.
public final class LogicalClockProvider extends StabilityProvider {

    /// For [java.util.ServiceLoader].
    public LogicalClockProvider() {
        this(Rules.CORRECT);
    }

    /// For tests that break a rule.
    LogicalClockProvider(Rules rules) {
        super(new LogicalClock(), rules);
    }
}
