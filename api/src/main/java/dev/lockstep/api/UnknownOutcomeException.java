package dev.lockstep.api;

/// The deadline passed or the client was closed before a reply came: the command may have been
/// executed, may yet be, or may never be. It is executed at most once.
public final class UnknownOutcomeException extends LockstepException {

    private static final long serialVersionUID = 1L;

    /// @param message what happened, to which thing, and what to do
    public UnknownOutcomeException(String message) {
        super(message);
    }
}
