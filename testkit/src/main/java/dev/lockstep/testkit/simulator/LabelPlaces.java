package dev.lockstep.testkit.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Keeps labels off each other: a place is given away once.
final class LabelPlaces {

    private static final double SHELF = 32;

    private record Box(double left, double top, double right, double bottom) {
        boolean touches(Box other) {
            return left < other.right
                    && other.left < right
                    && top < other.bottom
                    && other.top < bottom;
        }
    }

    /// By height, in steps of [#SHELF].
    private final TreeMap<Integer, List<Box>> shelves = new TreeMap<>();

    /// Takes a place if nobody has any of it.
    boolean claim(double left, double top, double width, double height) {
        Box box = new Box(left, top, left + width, top + height);
        for (int shelf = shelf(box.top()); shelf <= shelf(box.bottom()); shelf++) {
            for (Box other : shelves.getOrDefault(shelf, List.of())) {
                if (other.touches(box)) {
                    return false;
                }
            }
        }
        take(box);
        return true;
    }

    /// Takes a place, be it free or not.
    void take(double left, double top, double width, double height) {
        take(new Box(left, top, left + width, top + height));
    }

    private void take(Box box) {
        for (int shelf = shelf(box.top()); shelf <= shelf(box.bottom()); shelf++) {
            shelves.computeIfAbsent(shelf, _ -> new ArrayList<>()).add(box);
        }
    }

    private static int shelf(double y) {
        return (int) Math.floor(y / SHELF);
    }
}
