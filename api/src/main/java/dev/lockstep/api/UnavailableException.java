package dev.lockstep.api;

/// No replica answered a query before its deadline, a command could not be sent to any before its
/// deadline, or the client is closed: nothing was executed and nothing will be.
public final class UnavailableException extends LockstepException {

    private static final long serialVersionUID = 1L;

    /// @param message what happened, to which thing, and what to do
    public UnavailableException(String message) {
        super(message);
    }
}
