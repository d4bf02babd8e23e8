package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// Everything is as the seed decides.
enum SeedScript implements Script {
    /// The only one.
    WHOLE;

    @Override
    public RandomGenerator next(Topic topic, int index, SplittableRandom own) {
        return own;
    }

    @Override
    public boolean hasNext(Topic topic, int index) {
        return true;
    }

    @Override
    public RandomGenerator split(Topic topic, int index, SplittableRandom own) {
        return own.split();
    }

    @Override
    public boolean strikes(int sort) {
        return true;
    }

    @Override
    public boolean asks(int client, boolean isFree) {
        return isFree;
    }

    @Override
    public boolean lives(int client) {
        return true;
    }

    @Override
    public long untilNanos() {
        return Chance.NEVER;
    }
}
