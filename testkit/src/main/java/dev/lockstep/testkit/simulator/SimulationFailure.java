package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

/// A promise was broken in a simulated run. The same seed and setup break it again.
public final class SimulationFailure extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final long seed;
    private final long events;

    SimulationFailure(
            long seed, long events, long nowNanos, String what, @Nullable Throwable cause) {
        super(
                "seed " + seed + ", event " + events + ", at " + nowNanos / 1_000 + " µs: " + what,
                cause);
        this.seed = seed;
        this.events = events;
    }

    /// The seed that shows it.
    public long seed() {
        return seed;
    }

    /// How many events had happened.
    public long events() {
        return events;
    }
}
