package dev.lockstep.testkit.history;

/// What clients saw cannot be explained by any order of their operations. The message is the window
/// as text.
public final class LinearizabilityViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Window window;

    LinearizabilityViolation(Window window) {
        super(window.text());
        this.window = window;
    }

    /// The smallest window that cannot be ordered.
    public Window window() {
        return window;
    }
}
