package dev.lockstep.api;

/// The cluster has ended this session, because it heard nothing of it for longer than the session
/// timeout: this command is not executed. Whether earlier ones without a reply were executed is not
/// known. Open a new client.
public final class SessionExpiredException extends LockstepException {

    private static final long serialVersionUID = 1L;

    /// @param message what happened, to which thing, and what to do
    public SessionExpiredException(String message) {
        super(message);
    }
}
