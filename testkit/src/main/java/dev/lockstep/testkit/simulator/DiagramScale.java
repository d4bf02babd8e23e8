package dev.lockstep.testkit.simulator;

import java.util.NavigableMap;
import java.util.TreeMap;

/// Where moments are in a diagram, in which time goes down: in order, closer together the closer
/// they are, but never too close to be told apart, nor far apart because nothing happens.
final class DiagramScale {

    /// What is less than this apart may share a place.
    private static final double LEAST_PIXELS = 7;

    private static final double MOST_PIXELS = 34;

    private static final double PIXELS_PER_MS = 9;

    /// A gap longer than this is not drawn in proportion.
    private static final double MOST_MS = (MOST_PIXELS - LEAST_PIXELS) / PIXELS_PER_MS;

    private final TreeMap<Long, Double> places = new TreeMap<>();
    private final TreeMap<Long, Long> gaps = new TreeMap<>();

    DiagramScale(Iterable<Long> ascending, double top) {
        double y = top;
        long before = Chance.NEVER;
        for (long at : ascending) {
            if (before < Chance.NEVER) {
                double ms = (at - before) / 1e6;
                y += LEAST_PIXELS + PIXELS_PER_MS * Math.min(ms, MOST_MS);
                if (ms > MOST_MS) {
                    gaps.put(before, at);
                }
            }
            places.put(at, y);
            before = at;
        }
    }

    /// The place of a moment, of the next later one that has a place, or of the last.
    double y(long at) {
        var next = places.ceilingEntry(at);
        return next != null ? next.getValue() : places.lastEntry().getValue();
    }

    double bottom() {
        return places.lastEntry().getValue();
    }

    /// By moment, from the first: where each is.
    NavigableMap<Long, Double> places() {
        return places;
    }

    /// Where time is left out: from a moment to the next.
    NavigableMap<Long, Long> gaps() {
        return gaps;
    }
}
