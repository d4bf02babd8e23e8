package dev.lockstep.ordering.stability;

import dev.lockstep.core.Now;

/// Where candidate ids come from. Stateless; the numbers themselves are in [Floor].
interface ClockSource {

    /// What the clock alone says now: the floor is at least that. 0 if it says nothing.
    long reading(Now now);

    /// What a coordinator's own candidate is at least. 0 for no wish.
    ///
    /// @param leadNanos how long a proposal takes to reach the fast quorum
    long least(Now now, long leadNanos);

    /// True if making a candidate uses up all numbers up to it.
    boolean counts();

    /// True if a floor that is heard of raises one's own.
    boolean followsOthers();

    /// How far ahead floors are promised to the journal.
    long reservation();

    /// The order's name in configurations.
    String order();
}
