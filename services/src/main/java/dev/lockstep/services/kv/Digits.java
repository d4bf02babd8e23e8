package dev.lockstep.services.kv;

import java.util.Arrays;

/// Decimal numbers as Redis reads and writes them.
final class Digits {

    private static final int MOST_DIGITS = 20;

    private Digits() {}

    /// Writes `value` at the end of `target`, which has 20 bytes.
    ///
    /// @return where it begins
    static int write(long value, byte[] target) {
        int at = target.length;
        long rest = value;
        do {
            target[--at] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            target[--at] = '-';
        }
        return at;
    }

    static byte[] of(long value) {
        byte[] room = new byte[MOST_DIGITS];
        int first = write(value, room);
        return Arrays.copyOfRange(room, first, MOST_DIGITS);
    }

    /// True if the bytes are a `long` in the one form that Redis takes: no sign but `-`, no leading
    /// zero, no space.
    static boolean isLong(byte[] array, int offset, int length) {
        if (length == 0 || length > MOST_DIGITS) {
            return false;
        }
        boolean negative = array[offset] == '-';
        int at = negative ? offset + 1 : offset;
        int end = offset + length;
        if (at == end || (array[at] == '0' && (negative || end - at > 1))) {
            return false;
        }
        long value = 0;
        for (; at < end; at++) {
            int digit = array[at] - '0';
            if (digit < 0 || digit > 9 || value < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            value = value * 10 - digit;
        }
        return negative || value != Long.MIN_VALUE;
    }

    /// The value of bytes for which [#isLong] holds.
    static long parse(byte[] array, int offset, int length) {
        boolean negative = array[offset] == '-';
        long value = 0;
        for (int at = negative ? offset + 1 : offset; at < offset + length; at++) {
            value = value * 10 - (array[at] - '0');
        }
        return negative ? value : -value;
    }
}
