package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// One operation as its caller saw it.
///
/// @param session operations of one session take effect in the order in which they were invoked; 0
///     for an operation that belongs to none, which is ordered by real time only
/// @param key the object it is about; operations on different keys do not influence each other
/// @param function a word of the model, such as `set`
/// @param argument what it was called with; empty if nothing
/// @param result what it returned; null if the caller never learnt, so that it may have taken
/// effect
///     at any time after its invocation, or never
/// @param invokedAt when it was called, on a clock that all operations of a history share
/// @param returnedAt when it returned; `Long.MAX_VALUE` if the result is unknown
public record Operation(
        long session,
        String key,
        String function,
        String argument,
        @Nullable String result,
        long invokedAt,
        long returnedAt) {

    /// The result of reading what is not there.
    public static final String NIL = "(nil)";

    public Operation {
        if (returnedAt < invokedAt) {
            throw new IllegalArgumentException(
                    "returned at " + returnedAt + ", before it was invoked at " + invokedAt);
        }
        if ((result == null) != (returnedAt == Long.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    result == null
                            ? "returned at " + returnedAt + " without a result"
                            : "has the result " + result + " and never returned");
        }
    }

    /// An operation whose caller never learnt what became of it.
    public static Operation unknown(
            long session, String key, String function, String argument, long invokedAt) {
        return new Operation(session, key, function, argument, null, invokedAt, Long.MAX_VALUE);
    }

    /// True if the caller learnt the result.
    public boolean isComplete() {
        return result != null;
    }

    /// The same operation with another result.
    public Operation withResult(String other) {
        return new Operation(session, key, function, argument, other, invokedAt, returnedAt);
    }

    /// Such as `set(5) = ok on x, 120 to 140, session 7`.
    @Override
    public String toString() {
        return describe(Callers.SESSIONS);
    }

    String describe(Callers callers) {
        return function
                + "("
                + argument
                + ") = "
                + (result == null ? "?" : result)
                + " on "
                + key
                + ", "
                + invokedAt
                + " to "
                + (result == null ? "…" : Long.toString(returnedAt))
                + (session == 0 ? "" : ", " + callers.nameOf(this));
    }
}
