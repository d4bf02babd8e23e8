package dev.lockstep.testkit.simulator;

/// Which part of a run a diagram shows: what happened between two moments and, if that is much, the
/// last of it.
///
/// @param fromNanos from this moment on, in simulated nanoseconds since the beginning
/// @param toNanos to this moment
/// @param mostEvents no more messages and marks than this
public record DiagramWindow(long fromNanos, long toNanos, int mostEvents) {

    /// As much as is easily read.
    public static final int READABLE_EVENTS = 200;

    /// More than this, nobody reads.
    public static final int MOST_EVENTS = 5_000;

    /// The end of a run, or what came before the failure.
    public static final DiagramWindow LAST = new DiagramWindow(0, Long.MAX_VALUE, READABLE_EVENTS);

    public DiagramWindow {
        if (fromNanos < 0 || toNanos < fromNanos) {
            throw new IllegalArgumentException(
                    "a diagram ends after it begins, not from "
                            + fromNanos / 1e6
                            + " ms to "
                            + toNanos / 1e6
                            + " ms");
        }
        if (mostEvents < 1 || mostEvents > MOST_EVENTS) {
            throw new IllegalArgumentException(
                    "a diagram shows 1 to " + MOST_EVENTS + " events, not " + mostEvents);
        }
    }
}
