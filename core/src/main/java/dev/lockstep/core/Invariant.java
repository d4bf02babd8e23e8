package dev.lockstep.core;

/// Facts that hold unless Lockstep itself has a bug. Always checked; a broken one stops the
/// replica, because a wrong answer is worse than none.
public final class Invariant {

    private Invariant() {}

    /// Throws if `holds` is false.
    ///
    /// @param fact what should hold, one fact, as a constant
    public static void check(boolean holds, String fact) {
        if (!holds) {
            throw new Broken(fact);
        }
    }

    /// Throws if `holds` is false, naming a value.
    public static void check(boolean holds, String fact, long value) {
        if (!holds) {
            throw new Broken(fact + ": " + value);
        }
    }

    /// Throws if `holds` is false, naming two values.
    public static void check(boolean holds, String fact, long first, long second) {
        if (!holds) {
            throw new Broken(fact + ": " + first + ", " + second);
        }
    }

    /// For a branch that cannot be reached.
    public static Broken broken(String fact) {
        return new Broken(fact);
    }

    /// An invariant does not hold. Caught at the root of a replica's loop only.
    public static final class Broken extends IllegalStateException {

        private static final long serialVersionUID = 1L;

        private Broken(String fact) {
            super("invariant broken: " + fact);
        }
    }
}
