package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

/// A number: `add(difference)` returns the new one, `read` the present one. 0 at first.
public final class CounterModel implements SequentialModel {

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
        String result = operation.result();
        switch (operation.function()) {
            case "read" -> {
                return result == null || Long.parseLong(result) == value ? state : null;
            }
            case "add" -> {
                long sum = value + Long.parseLong(operation.argument());
                return result == null || Long.parseLong(result) == sum ? (Object) sum : null;
            }
            default -> throw new IllegalArgumentException("a counter cannot " + operation);
        }
    }
}
