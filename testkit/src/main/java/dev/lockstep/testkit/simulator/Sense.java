package dev.lockstep.testkit.simulator;

import java.time.Duration;

/// Refuses what makes no sense, in a sentence.
final class Sense {

    private Sense() {}

    static void argument(boolean holds, String sentence) {
        if (!holds) {
            throw new IllegalArgumentException(sentence);
        }
    }

    static void state(boolean holds, String sentence) {
        if (!holds) {
            throw new IllegalStateException(sentence);
        }
    }

    static void time(Duration time, Duration most, String what) {
        argument(
                !time.isNegative() && time.compareTo(most) <= 0,
                "a " + what + " is 0 to " + most + ", not " + time);
    }
}
