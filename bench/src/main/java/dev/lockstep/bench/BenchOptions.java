package dev.lockstep.bench;

/// What shapes the measurement of a level.
///
/// @param sessions at most so many client sessions; never more than requests in flight
/// @param repetitions windows that are measured; what is reported is their median
/// @param seconds how long each window is
/// @param leastWarmUpSeconds before the first window of a level
/// @param mostWarmUpSeconds after this long it is measured even if not steady
record BenchOptions(
        int sessions,
        int repetitions,
        int seconds,
        int leastWarmUpSeconds,
        int mostWarmUpSeconds) {}
