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

        /// Such as `310 events, 2 faults, 1 operation`; without operations where none are numbered,
        /// as in a [Scenario].
        @Override
        public String toString() {
            String text = count(events, "event") + ", " + count(faults, "fault");
            return operations == 0 ? text : text + ", " + count(operations, "operation");
        }

        private static String count(long number, String what) {
            return "%,d %s%s".formatted(number, what, number == 1 ? "" : "s");
        }
    }

    /// How far it was shrunk, such as `from 9,812 events, 61 faults, 204 operations to 310 events,
    /// 2 faults, 5 operations in 14.0 s (312 runs)`.
    public String extent() {
        return "from %s to %s in %.1f s (%,d %s)"
                .formatted(before, after, nanos / 1e9, runs, runs == 1 ? "run" : "runs");
    }

    /// The word `shrunk` and [#extent].
    @Override
    public String toString() {
        return "shrunk " + extent();
    }
}
