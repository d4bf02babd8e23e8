package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeSet;

/// Some numbers from 1, or all of them; such as `3,7-19`, `none`, `all`. Immutable.
final class Numbers {

    static final Numbers ALL = new Numbers(null);

    /// No range is wider, so that a slip of the finger does not fill the memory.
    private static final int MOST = 1_000_000;

    private final @Nullable SortedSet<Integer> some;

    private Numbers(@Nullable SortedSet<Integer> some) {
        this.some = some;
    }

    static Numbers of(Collection<Integer> numbers) {
        return new Numbers(new TreeSet<>(numbers));
    }

    /// @throws IllegalArgumentException with a sentence if the text is none of the above
    static Numbers parse(String text) {
        if (text.equals("all")) {
            return ALL;
        }
        TreeSet<Integer> numbers = new TreeSet<>();
        if (text.equals("none")) {
            return new Numbers(numbers);
        }
        for (String part : text.split(",", -1)) {
            String[] ends = part.split("-", 2);
            int first = number(ends[0], text);
            int last = ends.length == 1 ? first : number(ends[1], text);
            if (last < first) {
                throw new IllegalArgumentException("'" + part + "' ends before it begins");
            }
            for (int number = first; number <= last; number++) {
                numbers.add(number);
            }
        }
        return new Numbers(numbers);
    }

    private static int number(String digits, String text) {
        try {
            int number = Integer.parseInt(digits);
            if (number >= 1 && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Said below, as for a number out of range.
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no list of numbers such as 3,7-19, nor 'none' or 'all'");
    }

    boolean isAll() {
        return some == null;
    }

    boolean contains(int number) {
        return some == null || some.contains(number);
    }

    /// How many of the numbers from 1 to `last`.
    int count(int last) {
        return some == null ? last : some.headSet(last + 1).size();
    }

    @Override
    public String toString() {
        if (some == null) {
            return "all";
        }
        if (some.isEmpty()) {
            return "none";
        }
        StringJoiner text = new StringJoiner(",");
        int first = some.first();
        int last = first;
        for (int number : some.tailSet(first + 1)) {
            if (number > last + 1) {
                text.add(range(first, last));
                first = number;
            }
            last = number;
        }
        return text.add(range(first, last)).toString();
    }

    private static String range(int first, int last) {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
