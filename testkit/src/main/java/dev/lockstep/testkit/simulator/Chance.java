package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;

/// Draws what the simulator needs from one stream of randomness.
final class Chance {

    /// An interval that never ends.
    static final long NEVER = Long.MAX_VALUE / 4;

    private final SplittableRandom random;

    Chance(SplittableRandom random) {
        this.random = random;
    }

    SplittableRandom random() {
        return random;
    }

    boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    boolean happens(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    long below(long bound) {
        return random.nextLong(Math.max(1, bound));
    }

    long between(long least, long most) {
        return least + random.nextLong(Math.max(1, most - least + 1));
    }

    /// Exponentially distributed with this mean: no memory, so that anything may coincide.
    long around(long mean) {
        return mean >= NEVER ? NEVER : 1 + (long) (-Math.log(1 - random.nextDouble()) * mean);
    }

    /// From `least` to `most`, every order of magnitude as likely as the next.
    long anywhere(long least, long most) {
        double low = Math.log((double) least);
        return (long) Math.exp(low + random.nextDouble() * (Math.log((double) most) - low));
    }
}
