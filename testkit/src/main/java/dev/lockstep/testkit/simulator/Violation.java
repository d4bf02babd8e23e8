package dev.lockstep.testkit.simulator;

/// Something that must never be, with no more context than who found it has.
///
/// An `Error`, so that the replica does not take one that a service throws for a bug of that
/// service.
final class Violation extends Error {

    private static final long serialVersionUID = 1L;

    Violation(String what) {
        super(what);
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new Violation(what);
        }
    }
}
