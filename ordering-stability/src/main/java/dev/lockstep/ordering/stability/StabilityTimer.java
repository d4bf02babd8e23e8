package dev.lockstep.ordering.stability;

import dev.lockstep.core.Timer;

/// What stability ordering waits for.
enum StabilityTimer implements Timer {
    /// Time to say something, to repeat what was lost and to recover what is stuck.
    TICK,
    /// This member's clock passes a timestamp that somebody waits for.
    CLOCK
}
