package dev.lockstep.cli.soak;

import java.time.Duration;
import java.util.function.Supplier;

/// Waits for conditions of other processes.
final class Patience {

    /// Only a broken cluster takes longer, however slow the machine.
    static final Duration LIMIT = Duration.ofMinutes(3);

    private static final long POLL_MILLIS = 10;

    private Patience() {}

    /// Something that comes true.
    interface Condition {
        boolean holds() throws InterruptedException, ViolationException;
    }

    /// @throws ViolationException that names `what` if it has not come true after [#LIMIT]
    static void until(Supplier<String> what, Condition condition)
            throws InterruptedException, ViolationException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new ViolationException(
                        "waited %d s in vain for %s".formatted(LIMIT.toSeconds(), what.get()));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    static void until(String what, Condition condition)
            throws InterruptedException, ViolationException {
        until(() -> what, condition);
    }
}
