package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;

/// How often a bit of a replica's memory flips in one run, and how often replicas compare their
/// states. Drawn apart, by the seed alone, so that all else stays as it is without them.
///
/// @param every a state changes of its own accord; a mean in nanoseconds, [Chance#NEVER] for never
/// @param compareEvery states are compared; nanoseconds of agreed time
record Flips(long every, long compareEvery) {

    static final Flips NONE = new Flips(Chance.NEVER, Long.MAX_VALUE);

    private static final long SALT = 0x66_99_66_99L;
    private static final int RUNS_FOR_ONE_WITH_FLIPS = 6;
    private static final long MS = 1_000_000L;

    static Flips of(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ SALT);
        if (random.nextInt(RUNS_FOR_ONE_WITH_FLIPS) != 0) {
            return NONE;
        }
        return new Flips(random.nextLong(100 * MS, 2_000 * MS), random.nextLong(20 * MS, 400 * MS));
    }
}
