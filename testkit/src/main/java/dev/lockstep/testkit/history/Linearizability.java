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
    /// @param key the key whose trouble shows first
    /// @param culprit the operation by whose return it is certain
    /// @param window the shortest beginning of the history that cannot be ordered, its end only,
    /// for
    ///     people
    record Violated(String key, Operation culprit, String window) implements Linearizability {}

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
