package dev.lockstep.testkit.simulator;

import dev.lockstep.replica.ReplicaLimits;
import dev.lockstep.replica.SnapshotOptions;

import java.util.SplittableRandom;

/// How replicas keep house in one run: when they take snapshots, and how often one of them is away
/// for so long that it needs one. Drawn apart from the weather, by the seed alone.
///
/// @param snapshots when replicas take snapshots
/// @param absenceEvery a replica goes away for long; a mean in nanoseconds, [Chance#NEVER] for
///     never
/// @param ambush probability that a replica dies when a snapshot of it has just become durable
/// @param snapshotLossEvery a machine loses its snapshots; likewise a mean
/// @param reforms how the members change
/// @param switches how the order changes
/// @param canFreeze false if the service has no frozen view of its state
/// @param limits how much a replica may hold
/// @param flips how often memory flips, and states are compared
record Habits(
        SnapshotOptions snapshots,
        long absenceEvery,
        double ambush,
        long snapshotLossEvery,
        Reforms reforms,
        Switches switches,
        boolean canFreeze,
        ReplicaLimits limits,
        Flips flips) {

    private static final long SALT = 0x5a_17_5a_17L;

    /// For what was drawn later, so that all else stays as it was.
    private static final long FREEZING_SALT = 0xf0_2e_f0_2eL;

    private static final long LAGGARDS_SALT = 0x1a_99_a2_d5L;
    private static final long TOGETHER_SALT = 0x7_09_e7_4eL;

    private static final int RUNS_FOR_ONE_THAT_CANNOT_FREEZE = 8;
    private static final long MS = 1_000_000L;

    /// The same with so many spare replicas, but nobody comes or goes unasked.
    Habits attended(int spares) {
        return new Habits(
                snapshots,
                Chance.NEVER,
                0,
                Chance.NEVER,
                Reforms.none(spares),
                Switches.NONE,
                true,
                ReplicaLimits.DEFAULT,
                Flips.NONE);
    }

    /// The same, but nobody comes and nobody goes for good.
    Habits withFixedMembers() {
        return new Habits(
                snapshots,
                absenceEvery,
                ambush,
                snapshotLossEvery,
                Reforms.none(0),
                Switches.NONE,
                canFreeze,
                limits,
                flips);
    }

    /// The same with members that change often, in the same order.
    Habits withManyChanges(long seed) {
        return new Habits(
                snapshots,
                absenceEvery,
                ambush,
                snapshotLossEvery,
                Reforms.often(seed),
                Switches.NONE,
                canFreeze,
                limits,
                flips);
    }

    /// The same, but the order stays.
    Habits withOneOrder() {
        return new Habits(
                snapshots,
                absenceEvery,
                ambush,
                snapshotLossEvery,
                reforms,
                Switches.NONE,
                canFreeze,
                limits,
                flips);
    }

    /// Often enough for a run to see several snapshots, or never; by size or by time; fetched
    /// slowly or not.
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
        if (random.nextInt(4) == 1) {
            return troubled(random, seed);
        }
        long absenceEvery = haveAbsences ? every : Chance.NEVER;
        return new Habits(
                snapshots,
                absenceEvery,
                0,
                Chance.NEVER,
                Reforms.of(seed),
                Switches.of(seed),
                canFreeze(seed),
                Bounds.of(seed),
                Flips.of(seed));
    }

    /// The same in half of the runs; in the others there are many snapshots, and many replicas that
    /// are away for so long that they need one.
    Habits withLaggards(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ LAGGARDS_SALT);
        if (random.nextBoolean()) {
            return this;
        }
        SnapshotOptions often =
                new SnapshotOptions(
                        random.nextLong(1_500, 4 << 10),
                        Long.MAX_VALUE,
                        1L << random.nextInt(20, 27));
        return new Habits(
                often,
                random.nextLong(100 * MS, 500 * MS),
                ambush,
                snapshotLossEvery,
                reforms,
                switches,
                canFreeze,
                limits,
                flips);
    }

    /// The same where members take them together: now and then too if little is written, but for
    /// half of the runs without any, in which nobody has to be healed by one.
    SnapshotOptions snapshotsTogether(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ TOGETHER_SALT);
        boolean isNever = snapshots.equals(SnapshotOptions.NEVER) && flips.every() == Chance.NEVER;
        return isNever && random.nextBoolean()
                ? snapshots
                : snapshots.withTogetherNanos(random.nextLong(100 * MS, 2_000 * MS));
    }

    private static boolean canFreeze(long seed) {
        return new SplittableRandom(seed ^ FREEZING_SALT).nextInt(RUNS_FOR_ONE_THAT_CANNOT_FREEZE)
                != 0;
    }

    /// Many snapshots, many members that need another's, and many accidents with them.
    private static Habits troubled(SplittableRandom random, long seed) {
        SnapshotOptions snapshots =
                new SnapshotOptions(
                        random.nextLong(1_500, 4 << 10),
                        Long.MAX_VALUE,
                        1L << random.nextInt(20, 27));
        return new Habits(
                snapshots,
                random.nextLong(150 * MS, 800 * MS),
                random.nextDouble(),
                random.nextLong(200 * MS, 2_000 * MS),
                Reforms.of(seed),
                Switches.of(seed),
                canFreeze(seed),
                Bounds.of(seed),
                Flips.of(seed));
    }
}
