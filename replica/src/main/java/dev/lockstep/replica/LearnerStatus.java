package dev.lockstep.replica;

import dev.lockstep.core.Member;

/// One that follows the cluster without being a member.
///
/// @param member its number and its life
/// @param position how far it said it is
/// @param agoNanos how long ago it said so
public record LearnerStatus(Member member, long position, long agoNanos) {}
