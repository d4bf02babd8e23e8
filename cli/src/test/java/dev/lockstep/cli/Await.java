package dev.lockstep.cli;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for conditions of other processes, with a deadline that only a broken one misses.
final class Await {

    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final long POLL_MILLIS = 5;

    private Await() {}

    /// Waits until `condition` holds.
    static void until(Supplier<String> what, BooleanSupplier condition)
            throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "waited " + LIMIT.toSeconds() + " s in vain for " + what.get());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    static void until(String what, BooleanSupplier condition) throws InterruptedException {
        until(() -> what, condition);
    }
}
