package dev.lockstep.client;

/// The values that shape a [ClientEngine]. All times in nanoseconds.
///
/// @param sessionTimeoutNanos agreed time without a word after which the cluster ends the session;
///     a keep-alive goes out after a third of it. Default 60 s
/// @param window most commands, and most queries, without an outcome at a time; a power of two, at
///     most 8,192, which is what a replica parks. Default 8,192
/// @param retryNanos silence after which what is in flight is sent to another replica; doubles up
///     to eight times while nothing is heard. Default 1 s
/// @param reconnectNanos pause before a replica that did not answer is dialled again. Default 50 ms
/// @param overloadedPauseNanos first pause after OVERLOADED; doubles up to 32 times. Default 5 ms
/// @param preferEntry whether to follow the cluster's advice on which replica to talk to. Default
/// true
public record EngineOptions(
        long sessionTimeoutNanos,
        int window,
        long retryNanos,
        long reconnectNanos,
        long overloadedPauseNanos,
        boolean preferEntry) {

    /// What replicas park past a gap, and so the largest window.
    public static final int MAX_WINDOW = 8192;

    /// The defaults named above.
    public static final EngineOptions DEFAULT =
            new EngineOptions(
                    60_000_000_000L, MAX_WINDOW, 1_000_000_000L, 50_000_000L, 5_000_000L, true);

    public EngineOptions {
        if (Integer.bitCount(window) != 1 || window > MAX_WINDOW || window < 1) {
            throw new IllegalArgumentException(
                    "the window is a power of two up to " + MAX_WINDOW + ", not " + window);
        }
        if (sessionTimeoutNanos <= 0
                || retryNanos <= 0
                || reconnectNanos <= 0
                || overloadedPauseNanos <= 0) {
            throw new IllegalArgumentException("times must be positive");
        }
    }
}
