package dev.lockstep.core;

/// What a host may suspect ([Input.Suspected]).
public enum Suspicion {
    /// Something was asked for that should have been ordered by now: whoever is responsible for
    /// progress has that long from here on, as the protocol measures it. Said again while it is so.
    REQUESTS_WAIT,
    /// Others' requests are ordered again and again while an older one is not.
    CENSORSHIP,
    /// Messages take longer than the members agreed on, or this process has stood still itself.
    TIMING
}
