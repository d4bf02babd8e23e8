package dev.lockstep.client;

/// What is known about a command or query when its caller is told.
public enum Outcome {
    /// Executed; the bytes are the state machine's reply.
    OK,
    /// The state machine threw; the bytes are a sentence.
    SERVICE_FAILURE,
    /// Refused as it stands; not executed and never will be.
    REFUSED,
    /// Past a bound until the deadline; not executed and never will be.
    OVERLOADED,
    /// The session has ended; the command is not executed and never will be.
    SESSION_EXPIRED,
    /// The deadline passed, the session ended or the client was closed first: the command may have
    /// been executed, or may yet be, at most once.
    UNKNOWN,
    /// A query had no answer before its deadline, a command could not be sent before its deadline,
    /// or the client is closed: not executed and never will be.
    UNAVAILABLE
}
