package dev.lockstep.net;

import dev.lockstep.core.Incarnation;

import java.util.ArrayList;
import java.util.List;

/// The lives in which one replica has shown itself, in the order in which they were seen first, and
/// the highest boot of each, with the number that the process drew when it started.
final class SeenLives {

    /// So many of the last ones are remembered.
    private static final int MOST = 16;

    private record Life(Incarnation incarnation, int boot, long start) {}

    private final List<Life> lives = new ArrayList<>();

    /// The highest boot that was shown in a life; 0 if it was never seen.
    int highestBoot(Incarnation incarnation) {
        int index = indexOf(incarnation);
        return index < 0 ? 0 : lives.get(index).boot;
    }

    /// True if the highest boot of this life is the one given, and another start has shown it.
    boolean isOtherStart(Incarnation incarnation, int boot, long start) {
        int index = indexOf(incarnation);
        return index >= 0 && lives.get(index).boot == boot && lives.get(index).start != start;
    }

    /// True if one life was seen first before the other was. One that was never seen is the newest.
    boolean isOlder(Incarnation one, Incarnation other) {
        int index = indexOf(one);
        int otherIndex = indexOf(other);
        return index >= 0 && (otherIndex < 0 || index < otherIndex);
    }

    void add(Incarnation incarnation, int boot, long start) {
        Life life = new Life(incarnation, boot, start);
        int index = indexOf(incarnation);
        if (index >= 0) {
            lives.set(index, life);
            return;
        }
        if (lives.size() == MOST) {
            lives.removeFirst();
        }
        lives.add(life);
    }

    private int indexOf(Incarnation incarnation) {
        for (int i = 0; i < lives.size(); i++) {
            if (lives.get(i).incarnation.equals(incarnation)) {
                return i;
            }
        }
        return -1;
    }
}
