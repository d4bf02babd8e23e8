package dev.lockstep.api;

/// How fresh the state that answers a query must be.
public enum Consistency {
    /// The answer reflects every command that was acknowledged to anybody before the query began.
    /// The default.
    LINEARIZABLE,
    /// The answer reflects everything this session has seen so far; any replica may give it.
    SESSION,
    /// The answer is whatever the replica at hand has executed.
    LOCAL
}
