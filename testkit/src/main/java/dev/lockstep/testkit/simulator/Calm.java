package dev.lockstep.testkit.simulator;

import java.util.Locale;

/// A part of the weather that a [Schedule] may leave out.
enum Calm {
    /// Frames are lost.
    LOSS,
    /// Frames arrive twice.
    DUPLICATION,
    /// Some frames are much slower than the rest.
    SLOW_FRAMES,
    /// Some syncs are much slower than the rest.
    SLOW_SYNCS,
    /// Replicas wait for their disks.
    BLOCKING_DISKS,
    /// Wall clocks are off.
    SKEW,
    /// Monotonic clocks run fast or slow.
    DRIFT,
    /// Much arrives at the same moment.
    COINCIDENCE,
    /// Deadlines of clients are short.
    IMPATIENCE,
    /// Clients have more than one operation under way.
    PIPELINE;

    /// Such as `slow-frames`.
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
