package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Some lists by name, none of them empty. Immutable; lists share their beginnings.
final class Lists {

    static final Lists EMPTY = new Lists(new TreeMap<>());

    private final SortedMap<String, Cell> byKey;
    private final int hash;

    /// The last value of a list and the list before it.
    private static final class Cell {
        private final @Nullable Cell before;
        private final String value;
        private final int length;
        private final int hash;

        Cell(@Nullable Cell before, String value) {
            this.before = before;
            this.value = value;
            this.length = before == null ? 1 : before.length + 1;
            this.hash = 31 * (before == null ? 1 : before.hash) + value.hashCode();
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // From the same cell on, lists are equal.
        public boolean equals(@Nullable Object object) {
            if (!(object instanceof Cell other) || other.hash != hash || other.length != length) {
                return false;
            }
            Cell one = this;
            while (one != null && other != null && one != other) {
                if (!one.value.equals(other.value)) {
                    return false;
                }
                one = one.before;
                other = other.before;
            }
            return true;
        }

        /// Compares from the end, where lists of different states differ.
        boolean is(String text) {
            int end = text.length() - 1;
            for (Cell cell = this; cell != null; cell = cell.before) {
                int start = end - cell.value.length();
                if (start < 1 || !text.startsWith(cell.value, start)) {
                    return false;
                }
                end = start - 1;
                if (text.charAt(end) != (cell.before == null ? '[' : ' ')) {
                    return false;
                }
            }
            return end == 0 && text.endsWith("]");
        }

        @Override
        public String toString() {
            Deque<String> values = new ArrayDeque<>();
            for (Cell cell = this; cell != null; cell = cell.before) {
                values.addFirst(cell.value);
            }
            return "[" + String.join(" ", values) + "]";
        }
    }

    private Lists(SortedMap<String, Cell> byKey) {
        this.byKey = byKey;
        this.hash = byKey.hashCode();
    }

    Lists append(String key, String value) {
        SortedMap<String, Cell> longer = new TreeMap<>(byKey);
        longer.put(key, new Cell(byKey.get(key), value));
        return new Lists(longer);
    }

    /// True if the list named `key` is written `text`.
    boolean is(String key, String text) {
        Cell last = byKey.get(key);
        return last == null ? text.equals("[]") || text.equals(Operation.NIL) : last.is(text);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Lists other && other.hash == hash && other.byKey.equals(byKey);
    }

    /// The list if it is one, such as `[1 2]`, else all of them with their names.
    @Override
    public String toString() {
        if (byKey.isEmpty()) {
            return "[]";
        }
        if (byKey.size() == 1) {
            return byKey.values().iterator().next().toString();
        }
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Cell> list : byKey.entrySet()) {
            text.append(text.isEmpty() ? "" : ", ").append(list.getKey()).append(" ");
            text.append(list.getValue());
        }
        return text.toString();
    }
}
