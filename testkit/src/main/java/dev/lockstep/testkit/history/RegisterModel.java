package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;

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
    public boolean isBlindWrite(Operation operation) {
        return operation.function().equals("write")
                && (operation.result() == null || operation.result().equals("ok"));
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

    @Override
    public @Nullable Object needs(Operation operation) {
        return switch (operation.function()) {
            case "read" -> operation.result();
            case "cas" -> "ok".equals(operation.result()) ? former(operation.argument()) : null;
            default -> null;
        };
    }

    @Override
    public @Nullable Object leaves(Operation operation) {
        return switch (operation.function()) {
            case "read" -> Operation.NIL;
            case "write" -> operation.argument();
            case "cas" -> latter(operation.argument());
            default -> null;
        };
    }

    @Override
    public Collection<?> distinguishes(Operation operation) {
        return switch (operation.function()) {
            case "read" -> operation.result() == null ? List.of() : List.of(operation.result());
            case "cas" -> List.of(former(operation.argument()));
            default -> List.of();
        };
    }

    static String former(String argument) {
        return argument.substring(0, Math.max(0, argument.indexOf(' ')));
    }

    static String latter(String argument) {
        return argument.substring(argument.indexOf(' ') + 1);
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
