package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// One value: `read`, `write(value) = ok`, `cas(old new) = ok` or `no`. Empty at first.
public final class RegisterModel implements SequentialModel {

    /// The model; it has no state of its own.
    public RegisterModel() {}

    @Override
    public Object initial() {
        return Operation.NIL;
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return operation.function().equals("read") || "no".equals(operation.result());
    }

    @Override
    public @Nullable Object step(Object state, Operation operation) {
        String result = operation.result();
        return switch (operation.function()) {
            case "read" -> result == null || result.equals(state) ? state : null;
            case "write" ->
                    result == null || result.equals("ok") ? (Object) operation.argument() : null;
            case "cas" -> compareAndSet(state, operation.argument(), result);
            default -> throw new IllegalArgumentException("a register cannot " + operation);
        };
    }

    static @Nullable Object compareAndSet(Object state, String argument, @Nullable String result) {
        int space = argument.indexOf(' ');
        if (space < 0) {
            throw new IllegalArgumentException("cas needs an old and a new value: " + argument);
        }
        boolean equal = argument.substring(0, space).equals(state);
        if (result != null && !result.equals(equal ? "ok" : "no")) {
            return null;
        }
        return equal ? argument.substring(space + 1) : state;
    }
}
