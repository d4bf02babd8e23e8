package dev.lockstep.net.keys;

/// A key, a file with keys or a library for signatures cannot be used. The message is one sentence:
/// what is wrong, with which thing, and what to do.
public final class KeyRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// @param sentence for the operator
    public KeyRefusedException(String sentence) {
        super(sentence);
    }

    /// @param sentence for the operator
    public KeyRefusedException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
