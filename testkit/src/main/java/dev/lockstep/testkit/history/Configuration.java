package dev.lockstep.testkit.history;

import java.util.List;

/// How things may stand at one moment of a key's history.
///
/// @param state what the object holds
/// @param open operations that were invoked and have not taken effect; each is there as the same
///     object as in the history
/// @param hidden those of `open` that may already have been overwritten unseen: see [Hiding]
record Configuration(Object state, List<Operation> open, List<Operation> hidden) {

    static Configuration initial(SequentialModel model) {
        return new Configuration(model.initial(), List.of(), List.of());
    }

    /// The same with `operation`, which may have been overwritten unseen, either done or not.
    Configuration withoutHiding(Operation operation, boolean isDone) {
        return new Configuration(
                state, isDone ? without(open, operation) : open, without(hidden, operation));
    }

    @SuppressWarnings("ReferenceEquality") // Equal operations may be recorded twice.
    private static List<Operation> without(List<Operation> some, Operation operation) {
        return some.stream().filter(one -> one != operation).toList();
    }
}
