package dev.lockstep.api;

/// The cluster refuses the request as it stands, and would again: it is too large, or malformed. It
/// was not executed.
public final class RefusedException extends LockstepException {

    private static final long serialVersionUID = 1L;

    /// @param message what happened, to which thing, and what to do
    public RefusedException(String message) {
        super(message);
    }
}
