package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// One key of a map of strings, with the results that Redis gives.
///
/// | operation | result |
/// |---|---|
/// | `get` | the value, or `(nil)` |
/// | `set(value)` | `ok` |
/// | `setnx(value)` | `1` if it was not there, else `0` |
/// | `getset(value)` | the former value, or `(nil)` |
/// | `del` | `1` if it was there, else `0` |
/// | `append(text)` | the length afterwards |
/// | `add(difference)` | the number afterwards; what is not there counts as 0 |
/// | `cas(old new)` | `ok` if the value was `old` (`(nil)` for none), else `no` |
public final class KeyValueModel implements SequentialModel {

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
    public @Nullable Object step(Object state, Operation operation) {
        String value = (String) state;
        String argument = operation.argument();
        boolean absent = value.equals(Operation.NIL);
        return switch (operation.function()) {
            case "get" -> when(operation, value, value);
            case "set" -> when(operation, "ok", argument);
            case "setnx" -> when(operation, absent ? "1" : "0", absent ? argument : value);
            case "getset" -> when(operation, value, argument);
            case "del" -> when(operation, absent ? "0" : "1", Operation.NIL);
            case "append" -> {
                String longer = absent ? argument : value + argument;
                yield when(operation, Integer.toString(longer.length()), longer);
            }
            case "add" -> add(operation, absent ? "0" : value);
            case "cas" -> RegisterModel.compareAndSet(state, argument, operation.result());
            default -> throw new IllegalArgumentException("a key-value map cannot " + operation);
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
        return when(operation, sum, sum);
    }

    /// `next` if the operation returned `expected` or nobody knows what it returned.
    private static @Nullable Object when(Operation operation, String expected, String next) {
        String result = operation.result();
        return result == null || result.equals(expected) ? next : null;
    }
}
