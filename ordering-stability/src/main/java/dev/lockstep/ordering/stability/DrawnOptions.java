package dev.lockstep.ordering.stability;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Options for trial runs that make rare paths common: commands that are forgotten at once, one own
/// command under way or very many, hasty recoveries, fewer crashes tolerated than could be.
final class DrawnOptions {

    private DrawnOptions() {}

    /// Options for one run.
    static SortedMap<String, String> draw(RandomGenerator random) {
        SortedMap<String, String> options = new TreeMap<>();
        if (random.nextInt(3) == 0) {
            options.put("command-window", (1 + random.nextInt(4)) + "KiB");
        }
        if (random.nextInt(3) == 0) {
            options.put("in-flight", Integer.toString(1 + random.nextInt(64)));
        }
        if (random.nextInt(4) == 0) {
            options.put("pending-limit", (200 + random.nextInt(2000)) + "B");
        }
        if (random.nextInt(3) == 0) {
            // Commands are recovered though their coordinators live.
            options.put("heartbeat-interval", "5ms");
            options.put("retry-interval", (1 + random.nextInt(10)) + "ms");
            options.put("recovery-timeout", (10 + random.nextInt(20)) + "ms");
        }
        if (random.nextInt(3) == 0) {
            options.put("clock.max-lead", (1 + random.nextInt(200)) + "ms");
        }
        if (random.nextInt(3) == 0) {
            options.put("tolerated", "1");
        }
        options.put("propose-to-all", Boolean.toString(random.nextBoolean()));
        return options;
    }
}
