package dev.lockstep.testkit.simulator;

import java.util.SplittableRandom;

/// How the members of a cluster change in one run. Drawn apart, by the seed alone.
///
/// @param spares how many replicas there are besides the members
/// @param changeEvery an operator changes the members; a mean in nanoseconds, [Chance#NEVER] for
///     never
/// @param diskLossEvery a machine loses its disk; likewise a mean
record Reforms(int spares, long changeEvery, long diskLossEvery) {

    private static final long SALT = 0x2e_f0_2e_f0L;
    private static final long OFTEN_SALT = 0x0f_7e_0f_7eL;
    private static final long MS = 1_000_000L;

    /// Nobody comes or goes by itself.
    static Reforms none(int spares) {
        return new Reforms(spares, Chance.NEVER, Chance.NEVER);
    }

    /// Changes in every run, for members that change only as an operator signs; half of the runs
    /// have lost disks.
    static Reforms often(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ OFTEN_SALT);
        return new Reforms(
                1 + random.nextInt(2),
                random.nextLong(100 * MS, 600 * MS),
                random.nextBoolean() ? random.nextLong(300 * MS, 2_000 * MS) : Chance.NEVER);
    }

    /// One run in three has changes, and half of those have lost disks.
    static Reforms of(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ SALT);
        if (random.nextInt(3) != 0) {
            return none(0);
        }
        int spares = random.nextInt(3);
        long changeEvery = random.nextLong(60 * MS, 1_500 * MS);
        long diskLossEvery = random.nextLong(300 * MS, 3_000 * MS);
        return new Reforms(
                spares, changeEvery, random.nextBoolean() ? diskLossEvery : Chance.NEVER);
    }
}
