package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// What an object does when operations come one at a time.
///
/// States are immutable and have value equality. Implementations are pure.
public interface SequentialModel {

    /// The state of every key before its first operation.
    Object initial();

    /// The state after `operation` took effect in `state`, or null if it could not have returned
    /// there what it returned. An operation with an unknown result may have returned anything.
    @Nullable Object step(Object state, Operation operation);

    /// True if an operation that returned what `operation` returned changed nothing, whatever the
    /// state was. May say false if in doubt; the search is then slower.
    boolean isReadOnly(Operation operation);
}
