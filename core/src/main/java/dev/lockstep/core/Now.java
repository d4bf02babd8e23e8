package dev.lockstep.core;

/// The two clocks of a replica, read once by its host before a step.
///
/// @param monotonicNanos for timers and intervals; arbitrary origin, never goes back within a boot
/// @param wallNanos nanoseconds since 1970-01-01T00:00Z; may jump either way
public record Now(long monotonicNanos, long wallNanos) {}
