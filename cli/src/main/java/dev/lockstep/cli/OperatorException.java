package dev.lockstep.cli;

/// The command cannot do what it was asked to; the message is one sentence for the operator: what
/// happened, to which thing, and what to do. Printed without a stack trace.
public final class OperatorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /// @param sentence for the operator
    public OperatorException(String sentence) {
        super(sentence);
        exitCode = ExitCode.FAILED;
    }

    /// @param sentence for the operator
    public OperatorException(String sentence, Throwable cause) {
        super(sentence, cause);
        exitCode = ExitCode.FAILED;
    }

    private OperatorException(String sentence, int exitCode) {
        super(sentence);
        this.exitCode = exitCode;
    }

    /// The command line makes no sense; nothing was tried.
    static OperatorException ofUsage(String sentence) {
        return new OperatorException(sentence, ExitCode.USAGE);
    }

    int exitCode() {
        return exitCode;
    }
}
