package dev.lockstep.api;

import java.util.random.RandomGenerator;

/// What a state machine may know about the command it executes. Valid during the call only.
public interface CommandContext extends QueryContext {

    /// The session that issued the command, unique for ever in the cluster; 0 when no client did
    /// (see [StateMachine#onDeadline]).
    long session();

    /// Randomness that is the same on every replica: seeded from the command's place in the order.
    RandomGenerator random();
}
