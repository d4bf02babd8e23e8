package dev.lockstep.testkit.simulator;

import org.jspecify.annotations.Nullable;

import java.util.StringJoiner;
import java.util.regex.Pattern;

/// A promise was broken in a simulated run. The same seed and setup break it again.
public final class SimulationFailure extends AssertionError {

    private static final long serialVersionUID = 1L;

    /// What a sentence may begin with before it says which promise it is about.
    private static final Pattern PREAMBLE =
            Pattern.compile("^(replica \\S+:? |[\\w$]+(\\.[\\w$]+)+: |invariant broken: )+");

    private static final Pattern NUMBERS = Pattern.compile("-?[0-9][0-9,.]*");

    /// More words than these are about the case.
    private static final int MOST_WORDS = 6;

    private final long seed;
    private final long events;
    private final long atNanos;
    private final String promise;

    /// Where in a scenario it came to light, and by what; empty elsewhere.
    private final String place;

    private final String protocolOptions;

    SimulationFailure(
            long seed,
            long events,
            long nowNanos,
            String protocolOptions,
            String what,
            @Nullable Throwable cause) {
        super(
                "seed " + seed + ", event " + events + ", at " + nowNanos / 1_000 + " µs: " + what,
                cause);
        this.promise = promiseOf(what);
        this.place = cause == null ? "" : Stage.placeOf(cause);
        this.protocolOptions = protocolOptions;
        this.seed = seed;
        this.events = events;
        this.atNanos = nowNanos;
    }

    private static String promiseOf(String what) {
        String sentence = PREAMBLE.matcher(what).replaceFirst("");
        String general = NUMBERS.matcher(sentence).replaceAll("#");
        StringJoiner words = new StringJoiner(" ");
        int count = 0;
        for (String word : general.lines().findFirst().orElse("").split(" ", -1)) {
            boolean isLast = word.endsWith(":");
            words.add(isLast ? word.substring(0, word.length() - 1) : word);
            if (isLast || ++count == MOST_WORDS) {
                break;
            }
        }
        return words.toString();
    }

    /// Which promise, without the case's numbers, such as `agreement at position #`.
    public String promise() {
        return promise;
    }

    /// True if another failure breaks the same promise; and, if a scenario's own code threw, throws
    /// the same at the same line.
    boolean isLike(SimulationFailure other) {
        return promise.equals(other.promise) && place.equals(other.place);
    }

    /// The seed that shows it.
    public long seed() {
        return seed;
    }

    /// True if the simulator found a promise broken; false if a test's own code, or a check that
    /// was given to the simulator, threw what is the cause.
    public boolean isBrokenPromise() {
        return getCause() instanceof Violation;
    }

    /// The options that the protocol had in this run, such as `append-frame=1B, log-window=2KiB`;
    /// empty where all were the usual ones.
    public String protocolOptions() {
        return protocolOptions;
    }

    /// When, in simulated nanoseconds since the beginning of the run.
    public long atNanos() {
        return atNanos;
    }

    /// How many events had happened.
    public long events() {
        return events;
    }
}
