package dev.lockstep.testkit.simulator;

/// One run in which every promise was kept.
///
/// @param seed what decided it
/// @param replicas how many there were
/// @param events how many things happened
/// @param simulatedNanos how long it lasted in simulated time
/// @param operations how many operations were judged to be linearizable
/// @param isUndecided true if the search for an order was given up; the direct comparison with what
///     was executed was not
/// @param digest depends on everything that happened
/// @param exercised what it came to do
public record SimulationReport(
        long seed,
        int replicas,
        long events,
        long simulatedNanos,
        int operations,
        boolean isUndecided,
        long digest,
        Exercised exercised) {}
