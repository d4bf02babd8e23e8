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
        try {
            model.step(model.initial(), operation);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("not a number in " + operation, notANumber);
        }
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
