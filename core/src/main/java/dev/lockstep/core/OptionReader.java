package dev.lockstep.core;

import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// Takes the options of an order out of their text, refusing each bad one in a sentence.
///
/// Every option is asked for once; then [#requireNoOthers] refuses the names that nobody asked for.
/// All refusals are an [IllegalArgumentException] with a sentence for a person.
public final class OptionReader {

    private static final long MAX_DURATION_NANOS = 3_600_000_000_000L;
    private static final long MAX_SIZE_BYTES = 1L << 40;
    private static final int MAX_PRIORITY = 100;

    private final String order;
    private final SortedMap<String, String> options;

    /// The names asked for so far: those that exist.
    private final SortedSet<String> known = new TreeSet<>();

    /// @param order whose options they are, as refusals call it: `order leader`
    /// @param options by name, as configured
    public OptionReader(String order, SortedMap<String, String> options) {
        this.order = order;
        this.options = options;
    }

    /// Nanoseconds, written as `150ms`, `2s`, `500us` or `10ns`; more than 0, at most an hour.
    public long duration(String name, String otherwise) {
        String text = text(name, otherwise);
        long nanos = amount(text, new String[] {"ns", "us", "ms", "s"}, 1000);
        if (nanos < 1 || nanos > MAX_DURATION_NANOS) {
            throw refused(name, text, "a duration such as 150ms or 2s, at most 3600s");
        }
        return nanos;
    }

    /// Bytes, written as `8MiB`, `64KiB` or `4096B`; more than 0.
    public long size(String name, String otherwise) {
        String text = text(name, otherwise);
        long bytes = amount(text, new String[] {"B", "KiB", "MiB", "GiB"}, 1024);
        if (bytes < 1 || bytes > MAX_SIZE_BYTES) {
            throw refused(name, text, "a size such as 64KiB or 8MiB");
        }
        return bytes;
    }

    /// A number within bounds.
    public int number(String name, int otherwise, int least, int most) {
        String text = text(name, Integer.toString(otherwise));
        long value = digits(text);
        if (value < least || value > most) {
            throw refused(name, text, "a number from " + least + " to " + most);
        }
        return (int) value;
    }

    /// True or false.
    public boolean flag(String name, boolean otherwise) {
        String text = text(name, Boolean.toString(otherwise));
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refused(name, text, "true or false");
        };
    }

    /// One of two words, the first unless something is configured.
    public String choice(String name, String otherwise, String other) {
        String text = text(name, otherwise);
        if (!text.equals(otherwise) && !text.equals(other)) {
            throw refused(name, text, otherwise + " or " + other);
        }
        return text;
    }

    /// Priorities by member, written as `1=5,3=0`.
    public SortedMap<ReplicaId, Integer> priorities(String name) {
        String text = text(name, "");
        SortedMap<ReplicaId, Integer> priorities = new TreeMap<>();
        if (!text.isEmpty()) {
            for (String part : text.split(",", -1)) {
                int equals = part.indexOf('=');
                long member = equals < 0 ? -1 : digits(part.substring(0, equals));
                long priority = equals < 0 ? -1 : digits(part.substring(equals + 1));
                boolean valid = member >= 1 && member <= ReplicaId.MAX_VALUE && priority >= 0;
                if (!valid || priority > MAX_PRIORITY) {
                    throw refused(name, text, "replica=priority pairs such as 1=5,3=0");
                }
                priorities.put(new ReplicaId((int) member), (int) priority);
            }
        }
        return Collections.unmodifiableSortedMap(priorities);
    }

    /// Refuses names that nobody asked for.
    public void requireNoOthers() {
        for (String name : options.keySet()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        order
                                + " has no option "
                                + name
                                + ": it has "
                                + String.join(", ", known)
                                + ". If another order was named, leave out the options of the one before.");
            }
        }
    }

    /// Refuses two values of which the first is larger.
    public void requireOrder(String low, long lowValue, String high, long highValue) {
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
