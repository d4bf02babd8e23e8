package dev.lockstep.node;

import dev.lockstep.core.Now;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// The clocks of one node, read once a duty cycle and not once a request.
///
/// Threading: the loop's thread.
final class NodeClock {

    private final long originNanos = System.nanoTime();

    /// Null in production.
    private final @Nullable ClockOffset offset;

    private Now now;

    /// True until somebody asks for the time after [#expire].
    private boolean expired;

    NodeClock(@Nullable ClockOffset offset) {
        this.offset = offset;
        now = read();
    }

    /// The time of this cycle: read when it is first asked for.
    Now now() {
        return expired ? tick() : now;
    }

    /// The monotonic clock at this very moment.
    long monotonicNanos() {
        return System.nanoTime() - originNanos;
    }

    /// Reads the clocks.
    Now tick() {
        expired = false;
        now = read();
        return now;
    }

    /// The next to ask gets a fresh reading: something may have taken long.
    void expire() {
        expired = true;
    }

    private Now read() {
        Instant wall = Instant.now();
        long monotonicNanos = monotonicNanos();
        long wallNanos = wall.getEpochSecond() * 1_000_000_000L + wall.getNano();
        return new Now(
                monotonicNanos,
                offset == null ? wallNanos : wallNanos + offset.nanos(monotonicNanos));
    }
}
