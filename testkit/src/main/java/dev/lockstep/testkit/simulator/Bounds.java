package dev.lockstep.testkit.simulator;

import dev.lockstep.replica.ReplicaLimits;

import java.util.SplittableRandom;

/// How much replicas may hold in memory in one run. In some runs so little that clients come up
/// against it all the time.
final class Bounds {

    /// For what was drawn later, so that all else stays as it was.
    private static final long SALT = 0xb0_07_b0_07L;

    private static final int RUNS_FOR_A_NARROW_ONE = 5;

    /// More than any request of a simulated client takes.
    private static final int LARGEST_REQUEST = 1_024;

    private Bounds() {}

    static ReplicaLimits of(long seed) {
        SplittableRandom random = new SplittableRandom(seed ^ SALT);
        ReplicaLimits usual = ReplicaLimits.DEFAULT;
        if (random.nextInt(RUNS_FOR_A_NARROW_ONE) != 0) {
            return usual;
        }
        int batchBytes = random.nextInt(64, 1_024);
        long inFlightBytes = random.nextLong(LARGEST_REQUEST, 4 * LARGEST_REQUEST);
        long ofConnection = random.nextLong(LARGEST_REQUEST / 4, inFlightBytes);
        return new ReplicaLimits(
                usual.requestBytes(),
                usual.replyBytes(),
                batchBytes,
                inFlightBytes,
                ofConnection,
                random.nextLong(LARGEST_REQUEST, 16 * LARGEST_REQUEST),
                random.nextInt(4, 64),
                random.nextInt(LARGEST_REQUEST / 8, 4 * LARGEST_REQUEST),
                usual.minSessionTimeoutNanos(),
                usual.maxSessionTimeoutNanos(),
                random.nextInt(2, 16),
                usual.queryTimeoutNanos());
    }

    /// Holds after every event.
    static void check(SimNode node) {
        node.replica().tellHoldings((what, amount, most) -> check(node, what, amount, most));
    }

    private static void check(SimNode node, String what, long amount, long most) {
        if (amount > most) {
            throw new Violation(
                    "%s holds no more in memory than it may: %s, %d of at most %d"
                            .formatted(node, what, amount, most));
        }
    }
}
