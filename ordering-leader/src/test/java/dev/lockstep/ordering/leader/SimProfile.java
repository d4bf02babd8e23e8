package dev.lockstep.ordering.leader;

import java.util.SortedMap;
import java.util.random.RandomGenerator;

/// How bad the world is in one simulated run: drawn from the seed, so that some runs are calm and
/// some are awful.
record SimProfile(
        int members,
        double loss,
        double duplication,
        boolean fifo,
        long delayNanos,
        double slowDelay,
        long syncNanos,
        double slowSync,
        long crashEveryNanos,
        long partitionEveryNanos,
        long resetEveryNanos,
        long submitEveryNanos,
        long readEveryNanos,
        boolean noticesLoss,
        boolean stops,
        long stallEveryNanos,
        SortedMap<String, String> options) {

    static SimProfile draw(RandomGenerator random) {
        int[] sizes = {1, 3, 3, 3, 3, 3, 5, 5, 7};
        int members = sizes[random.nextInt(sizes.length)];
        boolean isCalm = random.nextInt(4) == 0;
        long delay = 50_000 + random.nextLong(random.nextBoolean() ? 500_000 : 10_000_000);
        return new SimProfile(
                members,
                isCalm || random.nextBoolean() ? 0 : random.nextDouble() * 0.1,
                isCalm || random.nextBoolean() ? 0 : random.nextDouble() * 0.1,
                isCalm || random.nextBoolean(),
                delay,
                random.nextInt(3) == 0 ? random.nextDouble() * 0.02 : 0,
                50_000 + random.nextLong(3_000_000),
                random.nextInt(3) == 0 ? random.nextDouble() * 0.1 : 0,
                isCalm ? Long.MAX_VALUE / 4 : 50_000_000 + random.nextLong(1_000_000_000),
                isCalm ? Long.MAX_VALUE / 4 : 50_000_000 + random.nextLong(1_000_000_000),
                isCalm ? Long.MAX_VALUE / 4 : 50_000_000 + random.nextLong(1_000_000_000),
                500_000 + random.nextLong(20_000_000),
                500_000 + random.nextLong(20_000_000),
                random.nextInt(4) != 0,
                random.nextInt(5) == 0,
                isCalm || random.nextBoolean()
                        ? Long.MAX_VALUE / 4
                        : 50_000_000 + random.nextLong(1_000_000_000),
                DrawnOptions.draw(random));
    }
}
