package dev.lockstep.cli;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// What tours have in common: they say what they do, step by step, and check what they say.
@SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency of its own.
final class TourGuide {

    /// Nothing on a tour takes longer.
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final long POLL_MILLIS = 5;

    private final Console console;
    private int step;

    TourGuide(Console console) {
        this.console = console;
    }

    /// A claim of the tour does not hold.
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String sentence) {
            super(sentence);
        }
    }

    void step(String what, Object... arguments) {
        step++;
        console.line("%n%d. %s", step, what.formatted(arguments));
    }

    void said(String what, Object... arguments) {
        console.line("   %s", what.formatted(arguments));
    }

    static void await(String what, BooleanSupplier condition)
            throws InterruptedException, FailedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new FailedException(
                        "waited %d s in vain for %s".formatted(LIMIT.toSeconds(), what));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    static void check(boolean holds, String otherwise, Object... arguments) throws FailedException {
        if (!holds) {
            throw new FailedException(otherwise.formatted(arguments));
        }
    }
}
