package dev.lockstep.api;

/// A command or query has no normal reply; the subtype says what is known.
public abstract sealed class LockstepException extends RuntimeException
        permits UnknownOutcomeException,
                OverloadedException,
                SessionExpiredException,
                ServiceFailureException,
                RefusedException,
                UnavailableException {

    private static final long serialVersionUID = 1L;

    LockstepException(String message) {
        super(message);
    }
}
