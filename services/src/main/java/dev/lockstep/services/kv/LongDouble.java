package dev.lockstep.services.kv;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of the 80-bit format with 64 significant bits that Redis computes `INCRBYFLOAT` in on
/// x86: rounded as the processor rounds and printed as the C library prints, so that sums have the
/// same digits.
final class LongDouble {

    static final LongDouble ZERO = new LongDouble(BigDecimal.ZERO);

    private static final int SIGNIFICANT_BITS = 64;

    /// The weight of the lowest bit of the smallest numbers, and the number of bits before the
    /// point of the largest.
    private static final int LOWEST_BIT = -16_445;

    private static final int HIGHEST_BITS = 16_384;

    /// Longer texts are not numbers for Redis either.
    private static final int MOST_CHARACTERS = 5 * 1024 - 1;

    /// Decimal exponents beyond are infinite or zero, whatever the digits.
    private static final int MOST_EXPONENT = 20_000;

    private static final int PRINTED_DECIMALS = 17;

    private static final Pattern DECIMAL =
            Pattern.compile("([+-]?)([0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE]([+-]?[0-9]+))?");
    private static final Pattern HEXADECIMAL =
            Pattern.compile("([+-]?)0[xX]([0-9a-fA-F]*)\\.?([0-9a-fA-F]*)(?:[pP]([+-]?[0-9]+))?");
    private static final Pattern INFINITE =
            Pattern.compile("[+-]?(?:inf|infinity)", Pattern.CASE_INSENSITIVE);

    /// Null if infinite or not a number.
    private final @Nullable BigDecimal value;

    private LongDouble(@Nullable BigDecimal value) {
        this.value = value;
    }

    boolean isFinite() {
        return value != null;
    }

    LongDouble plus(LongDouble other) {
        BigDecimal left = value;
        BigDecimal right = other.value;
        return left == null || right == null
                ? new LongDouble(null)
                : new LongDouble(round(left.add(right)));
    }

    /// Reads what C's `strtold` reads, without space around it.
    ///
    /// @throws RedisError if it is not a number, or out of range
    static LongDouble parse(byte[] array, int offset, int length) {
        if (length == 0 || length > MOST_CHARACTERS) {
            throw RedisError.notAFloat();
        }
        String text = new String(array, offset, length, StandardCharsets.ISO_8859_1);
        if (INFINITE.matcher(text).matches()) {
            return new LongDouble(null);
        }
        BigDecimal exact = exactValue(text);
        BigDecimal rounded = exact == null ? null : round(exact);
        if (exact == null || rounded == null || (rounded.signum() == 0 && exact.signum() != 0)) {
            throw RedisError.notAFloat();
        }
        return new LongDouble(rounded);
    }

    /// With 17 decimals, of which zeros at the end are left out.
    @Override
    public String toString() {
        BigDecimal number = value;
        if (number == null) {
            return "inf";
        }
        BigDecimal printed = number.setScale(PRINTED_DECIMALS, RoundingMode.HALF_EVEN);
        if (printed.signum() == 0) {
            return "0";
        }
        String text = printed.toPlainString();
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
    }

    private static @Nullable BigDecimal exactValue(String text) {
        Matcher decimal = DECIMAL.matcher(text);
        if (decimal.matches()) {
            BigDecimal digits = new BigDecimal(decimal.group(1) + decimal.group(2));
            String exponent = decimal.group(3);
            return exponent == null || digits.signum() == 0
                    ? digits
                    : scale(digits, new BigInteger(exponent));
        }
        Matcher hexadecimal = HEXADECIMAL.matcher(text);
        if (!hexadecimal.matches()
                || (hexadecimal.group(2).isEmpty() && hexadecimal.group(3).isEmpty())) {
            return null;
        }
        BigInteger digits = new BigInteger(hexadecimal.group(2) + hexadecimal.group(3), 16);
        String exponent = hexadecimal.group(4);
        BigInteger power =
                new BigInteger(exponent == null ? "0" : exponent)
                        .subtract(BigInteger.valueOf(4L * hexadecimal.group(3).length()));
        boolean negative = "-".equals(hexadecimal.group(1));
        return digits.signum() == 0
                ? BigDecimal.ZERO
                : shift(new BigDecimal(negative ? digits.negate() : digits), power);
    }

    /// `digits` times ten to the power; something out of range if that is out of range.
    private static BigDecimal scale(BigDecimal digits, BigInteger power) {
        BigInteger most = BigInteger.valueOf(MOST_EXPONENT + MOST_CHARACTERS);
        return digits.scaleByPowerOfTen(power.max(most.negate()).min(most).intValue());
    }

    /// `digits` times two to the power; something out of range if that is out of range.
    private static BigDecimal shift(BigDecimal digits, BigInteger power) {
        int most = 4 * (MOST_EXPONENT + MOST_CHARACTERS);
        BigInteger limit = BigInteger.valueOf(most);
        int bits = power.max(limit.negate()).min(limit).intValue();
        return bits >= 0
                ? digits.multiply(powerOfTwo(bits))
                : digits.divide(powerOfTwo(-bits), MathContext.UNLIMITED);
    }

    /// The nearest number of the format, of two the even one; null if it would be infinite.
    private static @Nullable BigDecimal round(BigDecimal exact) {
        if (exact.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigDecimal magnitude = exact.abs();
        if (magnitude.precision() - magnitude.scale() > MOST_EXPONENT) {
            return null;
        }
        if (magnitude.precision() - magnitude.scale() < -MOST_EXPONENT) {
            return BigDecimal.ZERO;
        }
        int lowest = Math.max(LOWEST_BIT, bitLength(magnitude) - SIGNIFICANT_BITS);
        BigDecimal units =
                lowest >= 0
                        ? magnitude.divide(powerOfTwo(lowest), MathContext.UNLIMITED)
                        : magnitude.multiply(powerOfTwo(-lowest));
        BigInteger rounded = units.setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
        if (rounded.bitLength() + lowest > HIGHEST_BITS) {
            return null;
        }
        BigDecimal result =
                lowest >= 0
                        ? new BigDecimal(rounded.shiftLeft(lowest))
                        : new BigDecimal(rounded)
                                .divide(powerOfTwo(-lowest), MathContext.UNLIMITED);
        return exact.signum() < 0 ? result.negate() : result;
    }

    /// How many bits are before the point; negative if the first set bit is further behind it.
    private static int bitLength(BigDecimal magnitude) {
        BigInteger whole = magnitude.toBigInteger();
        if (whole.signum() != 0) {
            return whole.bitLength();
        }
        // From the decimal exponent, then corrected.
        int guess =
                (int) Math.floor((magnitude.precision() - magnitude.scale()) * 3.321928094887362);
        int bits = guess + 2;
        while (magnitude.multiply(powerOfTwo(-bits + 1)).compareTo(BigDecimal.ONE) < 0) {
            bits--;
        }
        return bits;
    }

    private static BigDecimal powerOfTwo(int bits) {
        return bits >= 0
                ? new BigDecimal(BigInteger.ONE.shiftLeft(bits))
                : BigDecimal.ONE.divide(
                        new BigDecimal(BigInteger.ONE.shiftLeft(-bits)), MathContext.UNLIMITED);
    }
}
