package dev.lockstep.ordering.stability;

/// Stability ordering under crash faults, n = 2t+1, with readings of the wall clock.
public final class SynchronizedClockProvider extends StabilityProvider {

    /// For [java.util.ServiceLoader].
    public SynchronizedClockProvider() {
        this(Rules.CORRECT);
    }

    /// For tests that break a rule.
    SynchronizedClockProvider(Rules rules) {
        super(new SynchronizedClock(), rules);
    }
}
