package dev.lockstep.cli.soak;

/// Says what happens in each round.
interface Script {

    /// What happens in the round that begins now.
    Episode next();
}
