package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// What is known of one operation, from its invocation on.
///
/// Threading: none of its own; whoever keeps it locks.
final class Recording {
    private final long session;
    private final String key;
    private final String function;
    private final String argument;
    private final long invokedAt;

    /// Null while the outcome is unknown.
    private @Nullable String result;

    private long returnedAt = Long.MAX_VALUE;
    private boolean isWithoutEffect;

    Recording(long session, String key, String function, String argument, long invokedAt) {
        this.session = session;
        this.key = key;
        this.function = function;
        this.argument = argument;
        this.invokedAt = invokedAt;
    }

    /// It returned at this moment.
    ///
    /// @throws IllegalStateException if it had returned before
    void returned(String what, long at) {
        if (result != null) {
            throw new IllegalStateException(operation() + " returned again: " + what);
        }
        result = what;
        returnedAt = at;
    }

    /// It is certain that it had no effect and never will.
    void hadNoEffect() {
        isWithoutEffect = true;
    }

    boolean isWithoutEffect() {
        return isWithoutEffect;
    }

    boolean hasReturned() {
        return result != null;
    }

    long invokedAt() {
        return invokedAt;
    }

    Operation operation() {
        return new Operation(session, key, function, argument, result, invokedAt, returnedAt);
    }
}
