package dev.lockstep.ordering.byzantine;

import java.util.Comparator;

/// What certificates are compared by: the view, then the place of the block in it (§2).
///
/// @param view -1 for where an epoch begins
/// @param seq 1, 2, 3, … within the view
record Rank(long view, int seq) implements Comparable<Rank> {

    /// Where an epoch begins: below every block.
    static final Rank ROOT = new Rank(-1, 0);

    private static final Comparator<Rank> ORDER =
            Comparator.comparingLong(Rank::view).thenComparingInt(Rank::seq);

    @Override
    public int compareTo(Rank other) {
        return ORDER.compare(this, other);
    }

    boolean isBelow(Rank other) {
        return compareTo(other) < 0;
    }

    @Override
    public String toString() {
        return view + "." + seq;
    }
}
