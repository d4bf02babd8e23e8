package dev.lockstep.ordering.stability;

import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/// Takes options out of their text, refusing each bad one in a sentence.
final class OptionReader {

    private static final long MAX_DURATION_NANOS = 3_600_000_000_000L;
    private static final long MAX_SIZE_BYTES = 1L << 40;

    private final SortedMap<String, String> options;

    /// The names asked for so far: those that exist.
    private final SortedSet<String> known = new TreeSet<>();

    OptionReader(SortedMap<String, String> options) {
        this.options = options;
    }

    /// Nanoseconds, written as `150ms`, `2s`, `500us` or `10ns`; more than 0, at most an hour.
    long duration(String name, String otherwise) {
        String text = text(name, otherwise);
        long nanos = amount(text, new String[] {"ns", "us", "ms", "s"}, 1000);
        if (nanos < 1 || nanos > MAX_DURATION_NANOS) {
            throw refused(name, text, "a duration such as 150ms or 2s, at most 3600s");
        }
        return nanos;
    }

    /// Bytes, written as `8MiB`, `64KiB` or `4096B`; more than 0.
    long size(String name, String otherwise) {
        String text = text(name, otherwise);
        long bytes = amount(text, new String[] {"B", "KiB", "MiB", "GiB"}, 1024);
        if (bytes < 1 || bytes > MAX_SIZE_BYTES) {
            throw refused(name, text, "a size such as 64KiB or 8MiB");
        }
        return bytes;
    }

    /// A number within bounds.
    int number(String name, int otherwise, int least, int most) {
        String text = text(name, Integer.toString(otherwise));
        long value = digits(text);
        if (value < least || value > most) {
            throw refused(name, text, "a number from " + least + " to " + most);
        }
        return (int) value;
    }

    /// Refuses names that nobody asked for.
    void requireNoOthers() {
        for (String name : options.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "stability ordering has no option "
                                + name
                                + ": it has "
                                + String.join(", ", known)
                                + ".");
            }
        }
    }

    /// Refuses two values of which the first is larger.
    void requireOrder(String low, long lowValue, String high, long highValue) {
        if (lowValue > highValue) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "option %s is more than %s: set it to at most that.",
                            low,
                            high));
        }
    }

    private String text(String name, String otherwise) {
        known.add(name);
        return options.getOrDefault(name, otherwise);
    }

    private static long amount(String text, String[] units, long step) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        long value = digits(text.substring(0, digits));
        String unit = text.substring(digits);
        long factor = 1;
        for (String candidate : units) {
            if (candidate.equals(unit)) {
                return value < 0 || value > Long.MAX_VALUE / factor ? -1 : value * factor;
            }
            factor *= step;
        }
        return -1;
    }

    /// The number that `text` writes with one to twelve digits, or -1.
    private static long digits(String text) {
        if (text.isEmpty() || text.length() > 12) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter < '0' || letter > '9') {
                return -1;
            }
            value = value * 10 + (letter - '0');
        }
        return value;
    }

    private static IllegalArgumentException refused(String name, String text, String wanted) {
        return new IllegalArgumentException(
                "option " + name + " is \"" + text + "\": it must be " + wanted + ".");
    }
}
