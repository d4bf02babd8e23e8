package dev.lockstep.testkit.history;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The models that come with Lockstep, by the names that people type.
public enum HistoryModel {
    /// [KeyValueModel]
    KV(new KeyValueModel()),
    /// [RegisterModel]
    REGISTER(new RegisterModel()),
    /// [CounterModel]
    COUNTER(new CounterModel()),
    /// [LockModel]
    LOCK(new LockModel()),
    /// [ListAppendModel]
    LIST_APPEND(new ListAppendModel());

    private static final String NUMBER = "a number";

    @SuppressWarnings("ImmutableEnumChecker") // Models have no state of their own.
    private final SequentialModel model;

    HistoryModel(SequentialModel model) {
        this.model = model;
    }

    /// What the object does.
    public SequentialModel model() {
        return model;
    }

    /// Refuses what the model does not know.
    ///
    /// @throws IllegalArgumentException saying which operation that is
    public void check(Operation operation) {
        check(operation, Callers.SESSIONS);
    }

    /// The same, naming who called the operation as the history does.
    void check(Operation operation, Callers callers) {
        try {
            model.step(model.initial(), operation);
            checkWords(operation, callers);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "not a number in " + operation.describe(callers), notANumber);
        }
    }

    /// What no object could return would be found not linearizable, but is a mistake of whoever
    /// wrote the history, such as Redis's `OK`.
    private void checkWords(Operation operation, Callers callers) {
        if (this == KV && operation.function().equals("add")) {
            Long.parseLong(operation.argument());
        }
        String result = operation.result();
        List<String> words = result == null ? List.of() : words(operation.function());
        boolean isNumber = words.contains(NUMBER);
        if (words.isEmpty() || words.contains(result)) {
            return;
        }
        if (isNumber) {
            Long.parseLong(result);
            return;
        }
        throw new IllegalArgumentException(
                operation.function()
                        + " returns "
                        + String.join(" or ", words)
                        + ", unlike "
                        + operation.describe(callers));
    }

    /// All results of a function, of which one may be [#NUMBER]; none if it may return anything.
    private List<String> words(String function) {
        return switch (function) {
            case "set", "write" -> List.of("ok");
            case "cas", "acquire", "release" -> List.of("ok", "no");
            case "setnx" -> List.of("0", "1");
            case "del" -> List.of("0", "1", "ok");
            case "append" -> this == LIST_APPEND ? List.of("ok") : List.of(NUMBER);
            case "add" -> List.of(NUMBER, "ok");
            default -> List.of();
        };
    }

    /// Its name, such as `list-append`.
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// All names.
    public static List<String> words() {
        return Arrays.stream(values()).map(HistoryModel::word).toList();
    }

    /// The model of that name.
    public static Optional<HistoryModel> named(String word) {
        return Arrays.stream(values()).filter(model -> model.word().equals(word)).findFirst();
    }
}
