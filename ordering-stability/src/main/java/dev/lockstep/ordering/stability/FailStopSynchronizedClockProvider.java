package dev.lockstep.ordering.stability;

/// Stability ordering under fail-stop faults, n = t+1, with the wall clock's readings for ids.
public final class FailStopSynchronizedClockProvider extends FailStopProvider {

    /// For [java.util.ServiceLoader].
    public FailStopSynchronizedClockProvider() {
        this(FailStopRules.CORRECT);
    }

    /// For tests that break a rule.
    FailStopSynchronizedClockProvider(FailStopRules rules) {
        super(new SynchronizedClock(), false, rules);
    }
}
