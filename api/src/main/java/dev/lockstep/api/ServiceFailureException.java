package dev.lockstep.api;

/// The state machine threw an undeclared exception while executing the command: a bug in the
/// service, met by every replica alike.
public final class ServiceFailureException extends LockstepException {

    private static final long serialVersionUID = 1L;

    /// @param message what happened, to which thing, and what to do
    public ServiceFailureException(String message) {
        super(message);
    }
}
