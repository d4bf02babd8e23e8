package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;

/// How often operators go over to another order in one run. Drawn apart, by the seed alone, so that
/// all else stays as it is without them.
///
/// @param every an operator asks for an order; a mean in nanoseconds, [Chance#NEVER] for never
record Switches(long every) {

    static final Switches NONE = new Switches(Chance.NEVER);

    private static final long SALT = 0x0b_5e_0b_5eL;
    private static final int RUNS_FOR_ONE_WITH_SWITCHES = 3;
    private static final long MS = 1_000_000L;

    /// In one run of three there are some, in some of those one before the last has come about.
    static Switches of(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ SALT);
        if (random.nextInt(RUNS_FOR_ONE_WITH_SWITCHES) != 0) {
            return NONE;
        }
        return new Switches(random.nextLong(20 * MS, random.nextBoolean() ? 200 * MS : 1_500 * MS));
    }
}
