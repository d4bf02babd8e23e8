package dev.lockstep.replica;

import java.util.random.RandomGenerator;

/// The randomness of one command: SplitMix64 from a seed that every replica computes alike. Reused
/// from command to command.
final class SeededRandom implements RandomGenerator {

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private long state;

    void seed(long seed) {
        state = seed;
    }

    @Override
    public long nextLong() {
        state += GOLDEN;
        return Mixing.finish(state);
    }
}
