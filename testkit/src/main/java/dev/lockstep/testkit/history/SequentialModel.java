package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.Collection;

/// What an object does when operations come one at a time.
///
/// States are immutable and have value equality. Implementations are pure.
public interface SequentialModel {

    /// The state of every key before its first operation.
    Object initial();

    /// The state after `operation` took effect in `state`, or null if it could not have returned
    /// there what it returned. An operation with an unknown result may have returned anything.
    @Nullable Object step(Object state, Operation operation);

    /// True if it makes a difference which session an operation belongs to.
    default boolean tellsSessionsApart() {
        return false;
    }

    /// True if an operation that returned what `operation` returned changed nothing, whatever the
    /// state was. May say false if in doubt; the search is then slower.
    boolean isReadOnly(Operation operation);

    /// True if an operation that returned what `operation` returned (or anything, if that is
    /// unknown) could have returned it whatever the state was, and left a state that does not
    /// depend on the one before, such as an unconditional write. May say false if in doubt; the
    /// search is then slower.
    default boolean isBlindWrite(Operation operation) {
        return false;
    }

    /// The only state in which `operation` can have returned what it returned; null if there are
    /// several or in doubt, the search is then slower. Asked of operations with known results.
    default @Nullable Object needs(Operation operation) {
        return null;
    }

    /// The only state that `operation` can leave unless it leaves the one that it found; null if
    /// there are several or in doubt, the search is then slower.
    default @Nullable Object leaves(Operation operation) {
        return null;
    }

    /// The states that `operation` tells from others: in all the rest it could have returned what
    /// it returned, or in none of them, and either leaves them or changes them to one and the same.
    /// Null if that cannot be said, the search is then slower.
    default @Nullable Collection<?> distinguishes(Operation operation) {
        return null;
    }
}
