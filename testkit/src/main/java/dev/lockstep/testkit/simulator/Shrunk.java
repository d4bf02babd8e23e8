package dev.lockstep.testkit.simulator;

/// A failing run and the shortest schedule found so far that breaks the same promise.
///
/// @param schedule what to run instead
/// @param failure how that fails
/// @param before how much there was
/// @param after how much of it is left
/// @param runs how many schedules were tried
/// @param nanos how long that took
public record Shrunk(
        Schedule schedule,
        SimulationFailure failure,
        Size before,
        Size after,
        int runs,
        long nanos) {

    /// How much happens in a run.
    ///
    /// @param events until the promise is broken
    /// @param faults that are made to happen
    /// @param operations that clients begin
    public record Size(long events, int faults, int operations) {

        /// Such as `310 events, 2 faults, 1 operation`.
        @Override
        public String toString() {
            return "%,d %s, %,d %s, %,d %s"
                    .formatted(
                            events,
                            events == 1 ? "event" : "events",
                            faults,
                            faults == 1 ? "fault" : "faults",
                            operations,
                            operations == 1 ? "operation" : "operations");
        }
    }

    /// Such as `shrunk from 9,812 events, 61 faults, 204 operations to 310 events, 2 faults, 5
    /// operations in 14.0 s (312 runs)`.
    @Override
    public String toString() {
        return "shrunk from %s to %s in %.1f s (%,d runs)"
                .formatted(before, after, nanos / 1e9, runs);
    }
}
