package dev.lockstep.core;

import java.util.HexFormat;

/// Which cluster a replica, a file or a connection belongs to: 128 random bits.
public record ClusterId(long high, long low) {

    /// 32 hexadecimal digits.
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }

    /// Reads what [#toString()] writes.
    ///
    /// @throws IllegalArgumentException if it is not 32 hexadecimal digits
    public static ClusterId parse(String text) {
        if (text.length() != 32) {
            throw new IllegalArgumentException("a cluster id has 32 hexadecimal digits: " + text);
        }
        return new ClusterId(
                HexFormat.fromHexDigitsToLong(text, 0, 16),
                HexFormat.fromHexDigitsToLong(text, 16, 32));
    }
}
