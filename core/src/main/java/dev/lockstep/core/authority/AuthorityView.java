package dev.lockstep.core.authority;

import dev.lockstep.core.StopSign;

import org.jspecify.annotations.Nullable;

/// How things stand, says the authority.
///
/// @param active the epoch that has begun
/// @param activeAttempt the attempt that ended the one before; 0 for the first epoch
/// @param pending the epoch that the active one's members are to make begin; null if none
/// @param attempt the number of the latest attempt, ever
public record AuthorityView(
        StopSign active, long activeAttempt, @Nullable StopSign pending, long attempt) {}
