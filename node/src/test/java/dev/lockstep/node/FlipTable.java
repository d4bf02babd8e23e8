package dev.lockstep.node;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What became of flipped bits, counted by sort of file and outcome.
final class FlipTable {

    private final TreeMap<String, TreeMap<String, Integer>> counts = new TreeMap<>();
    private final TreeMap<String, Integer> sums = new TreeMap<>();
    private int flips;
    private int starts;

    /// Looks at what became of bits that were flipped at once, after the start.
    void note(List<Flip> struck) throws IOException {
        starts++;
        for (Flip flip : struck) {
            String sort = struck.size() == 1 ? flip.sort() : "several at once, " + flip.sort();
            String outcome = flip.outcome();
            counts.computeIfAbsent(sort, _ -> new TreeMap<>()).merge(outcome, 1, Integer::sum);
            sums.merge(outcome, 1, Integer::sum);
            flips++;
        }
    }

    int flips() {
        return flips;
    }

    /// A table, one row for each sort of place.
    String rows() {
        StringBuilder rows = new StringBuilder("| what was hit |");
        sums.keySet().forEach(outcome -> rows.append(' ').append(outcome).append(" |"));
        rows.append("\n|---|").append("---|".repeat(sums.size())).append('\n');
        counts.forEach((sort, of) -> row(rows, sort, of));
        row(rows, "all", sums);
        return rows.toString();
    }

    private void row(StringBuilder rows, String sort, Map<String, Integer> of) {
        rows.append("| ").append(sort).append(" |");
        for (String outcome : sums.keySet()) {
            rows.append(' ').append(of.getOrDefault(outcome, 0)).append(" |");
        }
        rows.append('\n');
    }

    String page(long seed) {
        return """
        # Flipped bits

        What becomes of bits that flip in the files of a stopped replica, one of three, while the other two take commands:
        %,d bits in %,d starts (seed %d). After every start the replica was a member again by itself, with the state of the
        others, before the next bit was flipped; no command was lost and the others waited for nothing. Written by
        `./flip-campaign`.

        %s
        - *put right*: the bytes are again what they were.
        - *not needed*: nothing reads that byte any more, or nothing depends on it.
        - *file replaced or set aside*: it was written anew, or passed over for an older one and set aside.
        - *cut as a torn tail*: it lay behind everything that is known to have been synced.
        - *new life*: the replica could not trust its files, put them aside, followed the others and was put back in its place.
        """
                .formatted(flips, starts, seed, rows());
    }
}
