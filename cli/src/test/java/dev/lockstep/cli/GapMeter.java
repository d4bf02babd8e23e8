package dev.lockstep.cli;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/// Watches a count that grows, and how long it stood still at most.
final class GapMeter implements AutoCloseable {

    private static final long LOOK_NANOS = 500_000;

    private final IntSupplier count;
    private final Thread thread;
    private volatile boolean isClosed;
    private volatile long longestNanos;
    private volatile boolean isReset;

    GapMeter(IntSupplier count) {
        this.count = count;
        this.thread = Thread.ofPlatform().daemon().name("gap-meter").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Forgets the gaps so far.
    void reset() {
        isReset = true;
    }

    /// The longest since the last reset, the present one included.
    long longestMillis() {
        return longestNanos / 1_000_000;
    }

    private void run() {
        int last = count.getAsInt();
        long movedAt = System.nanoTime();
        while (!isClosed) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = System.nanoTime();
            int seen = count.getAsInt();
            if (isReset) {
                isReset = false;
                longestNanos = 0;
                movedAt = now;
            }
            longestNanos = Math.max(longestNanos, now - movedAt);
            if (seen != last) {
                last = seen;
                movedAt = now;
            }
        }
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
