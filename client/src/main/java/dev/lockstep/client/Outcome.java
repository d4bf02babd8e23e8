package dev.lockstep.client;

/// What is known about a command or query when its caller is told.
public enum Outcome {
    /// Executed; the bytes are the state machine's reply.
    OK,
    /// The state machine threw; the bytes are a sentence.
    SERVICE_FAILURE,
    /// Refused as it stands; not executed.
    REFUSED,
    /// Past a bound; not executed and never will be.
    OVERLOADED,
    /// The session has ended. A command that was never sent is not executed; see the sentence.
    SESSION_EXPIRED,
    /// The deadline passed: a command may have been executed, or may yet be, at most once.
    UNKNOWN,
    /// A query had no answer before its deadline, or the client is closed: nothing was executed.
    UNAVAILABLE
}
