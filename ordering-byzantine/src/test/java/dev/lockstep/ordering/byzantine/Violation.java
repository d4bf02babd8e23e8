package dev.lockstep.ordering.byzantine;

/// A run has shown something that must not be.
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String rule;

    /// @param rule of §10, such as `I1`
    Violation(String rule, String what) {
        super(rule + ": " + what);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}
