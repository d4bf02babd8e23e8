package dev.lockstep.cli;

import java.util.concurrent.TimeUnit;

/// Keeps a transfer at a rate, without making up for pauses.
final class Pace {

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long bytesPerSecond;

    /// When the next bytes may come.
    private long nextNanos = System.nanoTime();

    Pace(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /// So many bytes came: waits until there may be more.
    void took(long bytes) throws InterruptedException {
        long now = System.nanoTime();
        nextNanos = Math.max(now, nextNanos) + bytes * SECOND_NANOS / bytesPerSecond;
        TimeUnit.NANOSECONDS.sleep(nextNanos - now);
    }
}
