package dev.lockstep.ordering.leader;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Options for trial runs that make rare paths common: followers that fall out of the leader's
/// window, entries that come one a frame, batches that are refused, leases, elections that clash.
final class DrawnOptions {

    private DrawnOptions() {}

    /// Options for one run with leases.
    static SortedMap<String, String> drawWithLease(RandomGenerator random) {
        return draw(random, true);
    }

    /// A drift bound must cover what two clocks differ by in an election timeout: 6% of it, as they
    /// are 3% fast and slow. The longer the timeout, the longer is what a bound that is too small
    /// leaves uncovered.
    private static void lease(SortedMap<String, String> options, RandomGenerator random) {
        options.put("reads.lease", "true");
        if (random.nextInt(2) == 0) {
            options.put("election-timeout-min", "800ms");
            options.put("election-timeout-max", "810ms");
            options.put("clock.drift-bound", "48ms");
            options.put("heartbeat-interval", "15ms");
        } else if (random.nextInt(2) == 0) {
            options.put("election-timeout-max", "152ms");
        }
    }

    /// Options for one run.
    static SortedMap<String, String> draw(RandomGenerator random) {
        return draw(random, random.nextInt(3) == 0);
    }

    private static SortedMap<String, String> draw(RandomGenerator random, boolean lease) {
        SortedMap<String, String> options = new TreeMap<>();
        if (random.nextInt(3) == 0) {
            options.put("log-window", (1 + random.nextInt(4)) + "KiB");
        }
        if (random.nextInt(3) == 0) {
            options.put("append-window", (1 + random.nextInt(8)) + "KiB");
        }
        if (random.nextInt(2) == 0) {
            // Often one entry a frame.
            options.put("append-frame", (1 + random.nextInt(2) * random.nextInt(2000)) + "B");
        }
        if (random.nextInt(3) == 0) {
            options.put("forward-window", (1 + random.nextInt(4)) + "KiB");
        }
        if (random.nextInt(4) == 0) {
            options.put("pending-limit", (200 + random.nextInt(2000)) + "B");
        }
        if (lease) {
            lease(options, random);
        } else if (random.nextInt(4) == 0) {
            options.put("election-timeout-max", "152ms");
        }
        if (random.nextInt(3) == 0) {
            options.put("election-priorities", "1=2,3=0");
        }
        return options;
    }
}
