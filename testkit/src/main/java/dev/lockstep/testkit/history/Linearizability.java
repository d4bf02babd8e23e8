package dev.lockstep.testkit.history;

/// What the checker found out about a history.
public sealed interface Linearizability {

    /// There is an order that explains everything.
    ///
    /// @param operations how many there were
    /// @param configurations how many the search looked at
    record Holds(int operations, long configurations) implements Linearizability {}

    /// No order explains what one key's callers saw.
    ///
    /// @param explanation of the key whose trouble shows first
    record Violated(Window explanation) implements Linearizability {

        /// The key whose trouble shows first.
        public String key() {
            return explanation.key();
        }

        /// The operation by whose return it is certain.
        public Operation culprit() {
            return explanation.culprit();
        }

        /// The smallest window that cannot be ordered, for people.
        public String window() {
            return explanation.text();
        }
    }

    /// The search was given up.
    ///
    /// @param key the key on which it was
    /// @param configurations how many it had looked at
    record Undecided(String key, long configurations) implements Linearizability {}

    /// True if there is an order that explains everything.
    default boolean holds() {
        return this instanceof Holds;
    }
}
