package dev.lockstep.testkit.scenario;

/// A command that cannot be carried out: a mistake in the transcript, not in what it tests.
public final class BadCommandException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /// @param reason one sentence for whoever wrote the command
    public BadCommandException(String reason) {
        super(reason);
    }
}
