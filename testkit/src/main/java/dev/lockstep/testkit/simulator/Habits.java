package dev.lockstep.testkit.simulator;

import dev.lockstep.replica.SnapshotOptions;

import java.util.SplittableRandom;

/// How replicas keep house in one run: when they take snapshots, and how often one of them is away
/// for so long that it needs one. Drawn apart from the weather, by the seed alone.
///
/// @param snapshots when replicas take snapshots
/// @param absenceEvery a replica goes away for long; a mean in nanoseconds, [Chance#NEVER] for
///     never
/// @param spares how many replicas there are besides the members
/// @param changeEvery an operator changes the members; a mean in nanoseconds
/// @param lossEvery a replica's disk is lost; a mean in nanoseconds
record Habits(
        SnapshotOptions snapshots,
        long absenceEvery,
        int spares,
        long changeEvery,
        long lossEvery) {

    private static final long SALT = 0x5a_17_5a_17L;
    private static final long MS = 1_000_000L;

    /// The same with so many spare replicas, but nobody comes or goes unasked.
    Habits attended(int number) {
        return new Habits(snapshots, Chance.NEVER, number, Chance.NEVER, Chance.NEVER);
    }

    /// The same, but nobody comes and nobody goes for good.
    Habits withFixedMembers() {
        return new Habits(snapshots, absenceEvery, 0, Chance.NEVER, Chance.NEVER);
    }

    /// Often enough for a run to see several snapshots, or never; by size or by time; fetched
    /// slowly
    /// or not.
    static Habits of(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ SALT);
        long journalBytes = random.nextLong(1_500, random.nextBoolean() ? 4 << 10 : 48 << 10);
        long replayNanos = random.nextLong(100_000, 1_000_000);
        long bytesPerSecond = 1L << random.nextInt(16, 27);
        SnapshotOptions snapshots =
                switch (random.nextInt(6)) {
                    case 0 -> SnapshotOptions.NEVER;
                    case 1 -> new SnapshotOptions(Long.MAX_VALUE, replayNanos, bytesPerSecond);
                    default -> new SnapshotOptions(journalBytes, Long.MAX_VALUE, bytesPerSecond);
                };
        boolean haveAbsences = random.nextInt(3) == 0;
        long every = random.nextLong(300 * MS, 3_000 * MS);
        boolean isReformed = random.nextInt(3) == 0;
        int spares = isReformed ? random.nextInt(3) : 0;
        long changeEvery = random.nextLong(60 * MS, 1_500 * MS);
        long lossEvery = random.nextLong(300 * MS, 3_000 * MS);
        return new Habits(
                snapshots,
                haveAbsences ? every : Chance.NEVER,
                spares,
                isReformed ? changeEvery : Chance.NEVER,
                isReformed && random.nextBoolean() ? lossEvery : Chance.NEVER);
    }
}
