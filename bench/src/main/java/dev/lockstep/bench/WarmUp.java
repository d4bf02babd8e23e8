package dev.lockstep.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/// Decides when a load has become steady: the last few seconds differ little from each other.
final class WarmUp {

    /// So many seconds in a row must be alike.
    static final int ALIKE = 4;

    private static final double TOLERANCE = 0.05;

    private final int leastSeconds;
    private final int mostSeconds;
    private final Deque<Double> last = new ArrayDeque<>();
    private int seconds;

    WarmUp(int leastSeconds, int mostSeconds) {
        this.leastSeconds = leastSeconds;
        this.mostSeconds = mostSeconds;
    }

    /// Another second has passed.
    ///
    /// @return true if the load is warm, or no more time is to be spent
    boolean onSecond(double perSecond) {
        seconds++;
        last.addLast(perSecond);
        if (last.size() > ALIKE) {
            last.removeFirst();
        }
        return seconds >= mostSeconds || (seconds >= leastSeconds && isSteady());
    }

    boolean isSteady() {
        if (last.size() < ALIKE) {
            return false;
        }
        double least = Double.MAX_VALUE;
        double most = 0;
        for (double value : last) {
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        return most - least <= TOLERANCE * most;
    }
}
