package dev.lockstep.node;

import org.jspecify.annotations.Nullable;

import java.util.Collection;

/// Finds the name that a misspelt one was meant to be.
final class Nearest {

    private Nearest() {}

    /// The name among `names` that takes the fewest edits from `wrong`, or null if none is near.
    static @Nullable String of(String wrong, Collection<String> names) {
        String best = null;
        int least = 1 + Math.min(3, Math.max(1, wrong.length() / 3));
        for (String name : names) {
            int distance = distance(wrong, name);
            if (distance < least) {
                least = distance;
                best = name;
            }
        }
        return best;
    }

    /// Insertions, deletions and replacements of letters (Levenshtein), and swaps of neighbours.
    static int distance(String from, String to) {
        int[] beforeLast = new int[to.length() + 1];
        int[] last = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = last[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[to.length()];
    }
}
