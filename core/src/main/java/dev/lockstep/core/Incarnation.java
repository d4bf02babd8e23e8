package dev.lockstep.core;

import java.util.HexFormat;

/// A member's life between losses of its durable state: 128 random bits, drawn when its directory
/// is initialised.
public record Incarnation(long high, long low) implements Comparable<Incarnation> {

    @Override
    public int compareTo(Incarnation other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /// 32 hexadecimal digits.
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }

    /// Reads what [#toString()] writes.
    ///
    /// @throws IllegalArgumentException if it is not 32 hexadecimal digits
    public static Incarnation parse(String text) {
        if (text.length() != 32) {
            throw new IllegalArgumentException("an incarnation has 32 hexadecimal digits: " + text);
        }
        return new Incarnation(
                HexFormat.fromHexDigitsToLong(text, 0, 16),
                HexFormat.fromHexDigitsToLong(text, 16, 32));
    }
}
