package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;

/// A lock that one owner holds at a time and cannot take twice: `acquire(owner)`, `release(owner)`;
/// the result is `ok`, or `no` if it was held by somebody (acquire) or not by this owner (release).
///
/// Without an argument the session is the owner. Free at first.
public final class LockModel implements SequentialModel {

    private static final String FREE = "free";

    /// The model; it has no state of its own.
    public LockModel() {}

    @Override
    public Object initial() {
        return FREE;
    }

    @Override
    public boolean tellsSessionsApart() {
        return true;
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return "no".equals(operation.result());
    }

    @Override
    public @Nullable Object step(Object state, Operation operation) {
        String held = heldBy(operation);
        return switch (operation.function()) {
            case "acquire" -> move(state, state.equals(FREE), held, operation.result());
            case "release" -> move(state, state.equals(held), FREE, operation.result());
            default -> throw new IllegalArgumentException("a lock cannot " + operation);
        };
    }

    private static @Nullable Object move(
            Object state, boolean isPossible, String next, @Nullable String result) {
        if (result != null && !result.equals(isPossible ? "ok" : "no")) {
            return null;
        }
        return isPossible ? next : state;
    }

    private static String heldBy(Operation operation) {
        if (!operation.argument().isEmpty()) {
            return "held by " + operation.argument();
        }
        if (operation.session() == 0) {
            throw new IllegalArgumentException("nobody owns " + operation);
        }
        return "held by session " + Long.toHexString(operation.session());
    }

    @Override
    public @Nullable Object needs(Operation operation) {
        return "ok".equals(operation.result()) ? only(operation) : null;
    }

    /// The state in which the operation does something.
    private static Object only(Operation operation) {
        return operation.function().equals("acquire") ? FREE : heldBy(operation);
    }

    @Override
    public Object leaves(Operation operation) {
        return operation.function().equals("acquire") ? heldBy(operation) : FREE;
    }

    @Override
    public Collection<?> distinguishes(Operation operation) {
        return List.of(only(operation));
    }
}
