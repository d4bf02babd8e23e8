package dev.lockstep.services.redis;

import java.math.BigInteger;
import java.util.regex.Pattern;

/// Numbers in the words of requests, as strict as Redis.
final class Numbers {

    private static final Pattern DECIMAL = Pattern.compile("0|-?[1-9][0-9]{0,18}");

    private Numbers() {}

    static boolean isLong(String text) {
        return DECIMAL.matcher(text).matches() && new BigInteger(text).bitLength() < Long.SIZE;
    }

    static boolean isInt(String text) {
        return DECIMAL.matcher(text).matches() && new BigInteger(text).bitLength() < Integer.SIZE;
    }
}
