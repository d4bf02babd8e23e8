package dev.lockstep.node;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/// Sizes, durations and numbers as people write them in cluster.yaml, for options of services too.
public final class Amounts {

    private static final String[] SIZE_UNITS = {"B", "KiB", "MiB", "GiB"};
    private static final long[] SIZE_FACTORS = {1, 1L << 10, 1L << 20, 1L << 30};
    private static final String[] TIME_UNITS = {"ns", "us", "ms", "s", "m", "h"};
    private static final long[] TIME_FACTORS = {
        1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000L, 3_600_000_000_000L
    };
    private static final int MAX_DIGITS = 15;

    private Amounts() {}

    /// Bytes, written as `8MiB`, `64KiB` or `4096B`; null if it is no size.
    public static @Nullable Long sizeBytes(String text) {
        return amount(text, SIZE_UNITS, SIZE_FACTORS);
    }

    /// Nanoseconds, written as `150ms`, `2s`, `5m` or `1h`; null if it is no duration.
    static @Nullable Long durationNanos(String text) {
        return amount(text, TIME_UNITS, TIME_FACTORS);
    }

    /// A number without a sign; null if it is none.
    static @Nullable Long number(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) {
            return null;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char letter = text.charAt(i);
            if (letter < '0' || letter > '9') {
                return null;
            }
            value = value * 10 + (letter - '0');
        }
        return value;
    }

    /// As [#sizeBytes] reads it, in the largest unit that loses nothing.
    public static String ofSize(long bytes) {
        return text(bytes, SIZE_UNITS, SIZE_FACTORS);
    }

    /// As [#durationNanos] reads it, in the largest unit that loses nothing.
    static String ofDuration(long nanos) {
        return text(nanos, TIME_UNITS, TIME_FACTORS);
    }

    private static @Nullable Long amount(String text, String[] units, long[] factors) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        Long value = number(text.substring(0, digits));
        String unit = text.substring(digits).strip();
        for (int i = 0; value != null && i < units.length; i++) {
            if (units[i].equals(unit)) {
                return value > Long.MAX_VALUE / factors[i] ? null : value * factors[i];
            }
        }
        return null;
    }

    private static String text(long value, String[] units, long[] factors) {
        int best = 0;
        for (int i = 0; i < units.length; i++) {
            if (value % factors[i] == 0 && value >= factors[i]) {
                best = i;
            }
        }
        return String.format(Locale.ROOT, "%d%s", value / factors[best], units[best]);
    }
}
