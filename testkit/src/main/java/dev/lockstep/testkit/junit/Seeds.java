package dev.lockstep.testkit.junit;

import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;

/// Which seeds a test runs: runs of consecutive ones.
record Seeds(List<Range> ranges) {

    /// The configuration parameter for a single seed.
    static final String SEED = "lockstep.seed";

    /// The configuration parameter for how many.
    static final String COUNT = "lockstep.seeds";

    /// @param last included
    record Range(long first, long last) {}

    Seeds {
        ranges = List.copyOf(ranges);
    }

    /// @throws ExtensionConfigurationException if there are none; a sentence
    static Seeds of(SimulatedTest test, ExtensionContext context) {
        Optional<Long> only = parameter(context, SEED, _ -> true, "a seed, a whole number");
        Optional<Long> count =
                parameter(context, COUNT, number -> number > 0, "a number of seeds, 1 or more");
        if (only.isPresent()) {
            return new Seeds(List.of(new Range(only.get(), only.get())));
        }
        if (test.seed().length > 0) {
            List<Range> named = new ArrayList<>();
            Arrays.stream(test.seed()).forEach(seed -> named.add(new Range(seed, seed)));
            return new Seeds(named);
        }
        if (test.seeds() < 1) {
            throw new ExtensionConfigurationException(
                    "a @SimulatedTest runs at least one seed, not seeds = " + test.seeds());
        }
        long first = test.firstSeed();
        long many = count.orElse((long) test.seeds());
        if (first > Long.MAX_VALUE - many) {
            throw new ExtensionConfigurationException(
                    "there are no " + many + " seeds from " + first + " on");
        }
        return new Seeds(List.of(new Range(first, first + many - 1)));
    }

    static Optional<Long> parameter(
            ExtensionContext context, String key, LongPredicate isGood, String meaning) {
        return context.getConfigurationParameter(key)
                .map(
                        text -> {
                            try {
                                long number = Long.parseLong(text.strip());
                                if (isGood.test(number)) {
                                    return number;
                                }
                            } catch (NumberFormatException e) {
                                // Said below, as of any other unusable value.
                            }
                            throw new ExtensionConfigurationException(
                                    "%s is %s, not '%s'".formatted(key, meaning, text));
                        });
    }

    /// The seed, if it is one.
    OptionalLong only() {
        boolean isOne = ranges.size() == 1 && first() == ranges.getFirst().last();
        return isOne ? OptionalLong.of(first()) : OptionalLong.empty();
    }

    long first() {
        return ranges.getFirst().first();
    }
}
