package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// A number, 0 at first.
///
/// | operation | result |
/// |---|---|
/// | `read` | the number |
/// | `add(difference)` | the number afterwards, or `ok`, which tells nothing |
/// | `get-and-add(difference)` | the number before |
public final class CounterModel implements SequentialModel {

    private static final String TOLD_NOTHING = "ok";

    /// The model; it has no state of its own.
    public CounterModel() {}

    @Override
    public Object initial() {
        return 0L;
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return operation.function().equals("read");
    }

    @Override
    public @Nullable Object step(Object state, Operation operation) {
        long value = (Long) state;
        return switch (operation.function()) {
            case "read" -> returned(operation, value) ? state : null;
            case "add" -> {
                long sum = value + difference(operation);
                yield TOLD_NOTHING.equals(operation.result()) || returned(operation, sum)
                        ? (Object) sum
                        : null;
            }
            case "get-and-add" -> {
                long sum = value + difference(operation);
                yield returned(operation, value) ? (Object) sum : null;
            }
            default -> throw new IllegalArgumentException("a counter cannot " + operation);
        };
    }

    @Override
    public @Nullable Object needs(Operation operation) {
        String result = operation.result();
        if (result == null || result.equals(TOLD_NOTHING)) {
            return null;
        }
        long told = Long.parseLong(result);
        return operation.function().equals("add") ? told - difference(operation) : told;
    }

    @Override
    public @Nullable Object leaves(Operation operation) {
        Object before = operation.isComplete() ? needs(operation) : null;
        return before == null ? null : (Long) before + difference(operation);
    }

    private static boolean returned(Operation operation, long value) {
        String result = operation.result();
        return result == null || Long.parseLong(result) == value;
    }

    private static long difference(Operation operation) {
        return operation.function().equals("read") ? 0 : Long.parseLong(operation.argument());
    }
}
