package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.StringJoiner;

/// Lists to whose ends values are appended, all of them empty at first.
///
/// | operation | result |
/// |---|---|
/// | `append(value)` | `ok` |
/// | `read` | the list that the operation's key names, such as `[1 2 3]` |
/// | `txn(append x 1; read y)` | the results of its parts, such as `ok; [1 2 3]` |
///
/// A transaction takes effect as one. Its parts name their lists themselves: all lists that are
/// linked by transactions are one object, whose name the operation's key is.
public final class ListAppendModel implements SequentialModel {

    private static final String PART = "; ";

    /// The model; it has no state of its own.
    public ListAppendModel() {}

    @Override
    public Object initial() {
        return Lists.EMPTY;
    }

    @Override
    public boolean isReadOnly(Operation operation) {
        return switch (operation.function()) {
            case "read" -> true;
            case "txn" -> !(PART + operation.argument()).contains(PART + "append ");
            default -> false;
        };
    }

    @Override
    public @Nullable Object step(Object state, Operation operation) {
        Lists lists = (Lists) state;
        String result = operation.result();
        return switch (operation.function()) {
            case "append" ->
                    result == null || result.equals("ok")
                            ? lists.append(operation.key(), operation.argument())
                            : null;
            case "read" -> result == null || lists.is(operation.key(), result) ? lists : null;
            case "txn" -> transaction(lists, operation.argument(), result);
            default -> throw new IllegalArgumentException("a list cannot " + operation);
        };
    }

    private static @Nullable Lists transaction(
            Lists before, String argument, @Nullable String result) {
        String[] parts = argument.split(PART, -1);
        String[] results = result == null ? null : result.split(PART, -1);
        if (results != null && results.length != parts.length) {
            throw new IllegalArgumentException(
                    "a transaction of " + parts.length + " parts returned " + result);
        }
        Lists lists = before;
        for (int i = 0; i < parts.length; i++) {
            String[] words = parts[i].split(" ", -1);
            String told = results == null ? null : results[i];
            if (words.length == 3 && words[0].equals("append")) {
                lists = lists.append(words[1], words[2]);
            } else if (words.length == 2 && words[0].equals("read")) {
                if (told != null && !lists.is(words[1], told)) {
                    return null;
                }
            } else {
                throw new IllegalArgumentException(
                        "a transaction is of 'append KEY VALUE' and 'read KEY': " + parts[i]);
            }
        }
        return lists;
    }

    /// The text of a transaction or of its result, from those of its parts.
    static String join(Iterable<String> parts) {
        StringJoiner joined = new StringJoiner(PART);
        parts.forEach(joined::add);
        return joined.toString();
    }
}
