package dev.lockstep.testkit.simulator;

import dev.lockstep.testkit.simulator.Script.Topic;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Draws what the simulator needs from one stream of randomness.
final class Chance {

    /// An interval that never ends.
    static final long NEVER = Long.MAX_VALUE / 4;

    private final SplittableRandom own;
    private final Script script;

    /// What is drawn from: `own`, or what the script has instead.
    private RandomGenerator random;

    Chance(SplittableRandom random) {
        this(random, SeedScript.WHOLE);
    }

    Chance(SplittableRandom own, Script script) {
        this.own = own;
        this.script = script;
        this.random = script.next(Topic.BEGINNING, 0, own);
    }

    /// From here on, what is drawn is for the next of a sort.
    void about(Topic topic, int index) {
        random = script.next(topic, index, own);
    }

    /// The same for something between two.
    void about(Topic topic, int one, int other) {
        random = script.next(topic, one * 1_000 + other, own);
    }

    /// True unless the whole run has drawn no more of a sort than this one has.
    boolean hasNext(Topic topic, int index) {
        return script.hasNext(topic, index);
    }

    RandomGenerator random() {
        return random;
    }

    /// For what is made before the run begins.
    SplittableRandom split() {
        return own.split();
    }

    /// For what lives in the run and draws for itself.
    RandomGenerator split(Topic topic, int index) {
        return script.split(topic, index, own);
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
