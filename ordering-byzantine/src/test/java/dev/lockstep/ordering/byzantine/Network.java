package dev.lockstep.ordering.byzantine;

import java.util.SplittableRandom;

/// How long messages between honest members take: seven modes under a bound, random until a random
/// moment without one.
final class Network {

    static final long DELTA = 1000;

    private static final int MODES = 7;

    private final SplittableRandom random;
    private final boolean hasTies;
    private final int mode;
    private final long calmAt;
    private final int victim;
    private final boolean[] isSlow;
    private final int lateKind;
    private final boolean[][] exact;

    Network(Profile profile, SplittableRandom random, boolean hasTies, boolean[] isSlow) {
        this.random = random;
        this.hasTies = hasTies;
        this.isSlow = isSlow;
        mode = random.nextInt(MODES);
        victim = random.nextInt(profile.members());
        lateKind = random.nextInt(4);
        calmAt =
                profile.isSynchronous() && !profile.isDeltaBroken()
                        ? 0
                        : random.nextLong(1, 200 * DELTA);
        exact = new boolean[profile.members()][profile.members()];
        for (boolean[] row : exact) {
            for (int to = 0; to < row.length; to++) {
                row[to] = random.nextInt(3) == 0;
            }
        }
    }

    /// From when on the bound holds.
    long calmAt() {
        return calmAt;
    }

    String mode() {
        return "mode " + mode;
    }

    long delay(int from, int to, ByzantineMessage message, long now) {
        if (now < calmAt) {
            long late = calmAt - now + random.nextLong(DELTA);
            return random.nextInt(3) == 0
                    ? even(within())
                    : Math.min(late, even(random.nextLong(60 * DELTA)));
        }
        if ((isSlow[from] || isSlow[to]) && now < 400 * DELTA) {
            return even(random.nextLong(30 * DELTA));
        }
        return even(bounded(from, to, message));
    }

    private long bounded(int from, int to, ByzantineMessage message) {
        return switch (mode) {
            case 0 -> DELTA;
            case 1 -> within();
            case 2 -> random.nextLong(DELTA / 10);
            case 3 -> exact[from][to] ? DELTA : random.nextLong(DELTA / 4);
            case 4 -> isLate(message) ? DELTA : random.nextLong(DELTA / 4);
            case 5 -> random.nextBoolean() ? DELTA : 1;
            default -> from == victim || to == victim ? DELTA : within();
        };
    }

    private boolean isLate(ByzantineMessage message) {
        return switch (message) {
            case ByzantineMessage.Propose _ -> lateKind == 0;
            case ByzantineMessage.Vote1 _ -> lateKind == 1;
            case ByzantineMessage.Vote2 _ -> lateKind == 2;
            default -> lateKind == 3;
        };
    }

    private long within() {
        return random.nextLong(1, DELTA + 1);
    }

    /// With ties, times are few.
    private long even(long delay) {
        return hasTies ? delay / (DELTA / 4) * (DELTA / 4) : delay;
    }
}
