package dev.lockstep.testkit.junit;

import dev.lockstep.testkit.simulator.Schedule;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.time.Duration;
import java.util.OptionalLong;

/// What a test is told about shrunk runs: which to run instead of its seeds, and how long to look
/// for one.
final class Replay {

    /// The configuration parameter for the schedule of a single run.
    static final String SCHEDULE = "lockstep.schedule";

    /// The configuration parameter for how long a failure is shrunk.
    static final String SHRINK_SECONDS = "lockstep.shrinkSeconds";

    private Replay() {}

    /// The one run that is wanted; null if it is whole seeds.
    ///
    /// @throws ExtensionConfigurationException if the schedule cannot be understood; a sentence
    static @Nullable Schedule of(SimulatedTest test, Seeds seeds, ExtensionContext context) {
        String text = context.getConfigurationParameter(SCHEDULE).orElse("").strip();
        // What the annotation says of a schedule, it says of the seed that it names.
        if (text.isEmpty() && context.getConfigurationParameter(Seeds.SEED).isEmpty()) {
            text = test.schedule().strip();
        }
        if (text.isEmpty()) {
            return null;
        }
        OptionalLong seed = seeds.only();
        if (seed.isEmpty()) {
            throw new ExtensionConfigurationException(
                    "the schedule '"
                            + text
                            + "' is a part of one seed: name that too, as -D"
                            + Seeds.SEED
                            + "=N or in @SimulatedTest(seed = N, schedule = …)");
        }
        try {
            return Schedule.parse(seed.getAsLong(), text);
        } catch (IllegalArgumentException e) {
            throw new ExtensionConfigurationException(
                    "the schedule '" + text + "' cannot be run: " + e.getMessage(), e);
        }
    }

    /// How long a failure is shrunk; zero if it is not.
    ///
    /// @throws ExtensionConfigurationException if it is no such time; a sentence
    static Duration shrinking(SimulatedTest test, ExtensionContext context) {
        if (test.shrinkSeconds() < 0) {
            throw new ExtensionConfigurationException(
                    "a @SimulatedTest shrinks a failure for 0 seconds or more, not shrinkSeconds = "
                            + test.shrinkSeconds());
        }
        long seconds =
                Seeds.parameter(
                                context,
                                SHRINK_SECONDS,
                                number -> number >= 0 && number <= Integer.MAX_VALUE,
                                "a number of seconds, 0 or more")
                        .orElse((long) test.shrinkSeconds());
        return Duration.ofSeconds(seconds);
    }
}
