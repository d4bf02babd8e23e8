package dev.lockstep.cli;

/// The command cannot do what it was asked to; the message is one sentence for the operator: what
/// happened, to which thing, and what to do. Printed without a stack trace.
public final class OperatorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param sentence for the operator
    public OperatorException(String sentence) {
        super(sentence);
    }

    /// @param sentence for the operator
    public OperatorException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
