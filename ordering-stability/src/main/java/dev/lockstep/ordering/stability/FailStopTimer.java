package dev.lockstep.ordering.stability;

import dev.lockstep.core.Timer;

/// What a member waits for under fail-stop faults.
enum FailStopTimer implements Timer {
    /// Time to say something, and to repeat what was lost.
    TICK,
    /// The clock passes a unique id that somebody waits for.
    CLOCK
}
