package dev.lockstep.cli.soak;

/// The cluster did what it must not do, or did not do what it must.
final class ViolationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String window;

    ViolationException(String sentence) {
        this(sentence, "");
    }

    /// @param window the operations that show it, one a line; empty if it was no operation
    ViolationException(String sentence, String window) {
        super(sentence);
        this.window = window;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }

    String window() {
        return window;
    }
}
