package dev.lockstep.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The seeds of simulated runs: `7`, or `1..10000` with both ends included.
record SeedRange(long first, long last) {

    /// Reads one from the command line.
    static final class Reader implements ITypeConverter<SeedRange> {
        @Override
        public SeedRange convert(String text) {
            int dots = text.indexOf("..");
            try {
                long first = Long.parseLong(dots < 0 ? text : text.substring(0, dots));
                long last = dots < 0 ? first : Long.parseLong(text.substring(dots + 2));
                if (first <= last && first > Long.MIN_VALUE / 2 && last < Long.MAX_VALUE / 2) {
                    return new SeedRange(first, last);
                }
            } catch (NumberFormatException notANumber) {
                // Said below.
            }
            throw new TypeConversionException(
                    "'" + text + "' is no range of seeds; write one number, or two as in 1..10000");
        }
    }

    /// How many seeds there are.
    long size() {
        return last - first + 1;
    }

    boolean isOne() {
        return first == last;
    }
}
