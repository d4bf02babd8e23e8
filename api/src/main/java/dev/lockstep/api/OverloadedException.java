package dev.lockstep.api;

/// The cluster is past one of its bounds and did not take the command: it was not executed and will
/// not be. Try again later.
public final class OverloadedException extends LockstepException {

    private static final long serialVersionUID = 1L;

    /// @param message what happened, to which thing, and what to do
    public OverloadedException(String message) {
        super(message);
    }
}
