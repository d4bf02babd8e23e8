package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.Timer;

/// What a member waits for.
enum ByzantineTimer implements Timer {
    /// The view has gone too long without a commit.
    VIEW,
    /// What the members left behind in the last view has arrived: enter the next (B).
    QUIT,
    /// The members' locks have arrived: propose (B).
    LEAD,
    /// Time makes a second vote ready (B).
    GUARD,
    /// Repeat what may have been lost.
    REPEAT,
    /// Ask again for blocks that are missing.
    FETCH
}
