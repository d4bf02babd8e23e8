package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;

/// One key of a map of strings, with the results that Redis gives.
///
/// | operation | result |
/// |---|---|
/// | `get` | the value, or `(nil)` |
/// | `set(value)` | `ok` |
/// | `setnx(value)` | `1` if it was not there, else `0` |
/// | `getset(value)` | the former value, or `(nil)` |
/// | `del` | `1` if it was there, else `0`; `ok` tells nothing |
/// | `append(text)` | the length afterwards |
/// | `add(difference)` | the number afterwards, or `ok`, which tells nothing; what is not there
/// counts as 0 |
/// | `cas(old new)` | `ok` if the value was `old` (`(nil)` for none), else `no` |
public final class KeyValueModel implements SequentialModel {

    private static final String TOLD_NOTHING = "ok";

    /// The model; it has no state of its own.
    public KeyValueModel() {}

    @Override
    public Object initial() {
        return Operation.NIL;
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return switch (operation.function()) {
            case "get" -> true;
            case "cas" -> "no".equals(operation.result());
            case "setnx", "del" -> "0".equals(operation.result());
            default -> false;
        };
    }

    @Override
    public boolean isBlindWrite(Operation operation) {
        return switch (operation.function()) {
            case "set", "del" ->
                    operation.result() == null || operation.result().equals(TOLD_NOTHING);
            default -> false;
        };
    }

    @Override
    public @Nullable Object step(Object state, Operation operation) {
        String value = (String) state;
        String argument = operation.argument();
        boolean absent = value.equals(Operation.NIL);
        return switch (operation.function()) {
            case "get" -> when(operation, value, value);
            case "set" -> when(operation, "ok", argument);
            case "setnx" -> when(operation, absent ? "1" : "0", absent ? argument : value);
            case "getset" -> when(operation, value, argument);
            case "del" ->
                    TOLD_NOTHING.equals(operation.result())
                            ? Operation.NIL
                            : when(operation, absent ? "0" : "1", Operation.NIL);
            case "append" -> {
                String longer = absent ? argument : value + argument;
                yield when(operation, Integer.toString(longer.length()), longer);
            }
            case "add" -> add(operation, absent ? "0" : value);
            case "cas" -> RegisterModel.compareAndSet(state, argument, operation.result());
            default -> throw new IllegalArgumentException("a key-value map cannot " + operation);
        };
    }

    @Override
    public @Nullable Object needs(Operation operation) {
        String result = operation.result();
        return switch (operation.function()) {
            case "get", "getset" -> result;
            case "setnx" -> "1".equals(result) ? Operation.NIL : null;
            case "del" -> "0".equals(result) ? Operation.NIL : null;
            case "cas" -> "ok".equals(result) ? RegisterModel.former(operation.argument()) : null;
            default -> null;
        };
    }

    @Override
    public @Nullable Object leaves(Operation operation) {
        return switch (operation.function()) {
            case "set", "setnx", "getset" -> operation.argument();
            // A read leaves what it found; any state will do.
            case "del", "get" -> Operation.NIL;
            case "cas" -> RegisterModel.latter(operation.argument());
            // The number, however it was written.
            case "add" -> TOLD_NOTHING.equals(operation.result()) ? null : operation.result();
            default -> null;
        };
    }

    @Override
    public @Nullable Collection<?> distinguishes(Operation operation) {
        String result = operation.result();
        return switch (operation.function()) {
            case "set" -> List.of();
            case "get", "getset" -> result == null ? List.of() : List.of(result);
            case "setnx" -> List.of(Operation.NIL);
            case "del" -> isBlindWrite(operation) ? List.of() : List.of(Operation.NIL);
            case "cas" -> List.of(RegisterModel.former(operation.argument()));
            default -> null;
        };
    }

    private static @Nullable Object add(Operation operation, String value) {
        String sum;
        try {
            sum = Long.toString(Long.parseLong(value) + Long.parseLong(operation.argument()));
        } catch (NumberFormatException notANumber) {
            // Redis refuses; recorded histories leave out what was refused.
            return null;
        }
        return TOLD_NOTHING.equals(operation.result()) ? sum : when(operation, sum, sum);
    }

    /// `next` if the operation returned `expected` or nobody knows what it returned.
    private static @Nullable Object when(Operation operation, String expected, String next) {
        String result = operation.result();
        return result == null || result.equals(expected) ? next : null;
    }
}
