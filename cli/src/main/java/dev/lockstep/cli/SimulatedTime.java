package dev.lockstep.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A moment of a simulated run: `812ms`, `812.5ms`, `1.2s`.
record SimulatedTime(long nanos) {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(ms|s)");

    /// Reads one from the command line.
    static final class Reader implements ITypeConverter<SimulatedTime> {
        @Override
        public SimulatedTime convert(String text) {
            Matcher matcher = TEXT.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is no moment of a run; write one such as 812.5ms or 1.2s");
            }
            BigDecimal number = new BigDecimal(matcher.group(1));
            int digits = matcher.group(2).equals("s") ? 9 : 6;
            return new SimulatedTime(number.movePointRight(digits).longValue());
        }
    }
}
