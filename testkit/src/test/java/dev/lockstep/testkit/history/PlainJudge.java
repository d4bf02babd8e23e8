package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// Judges small histories without anything of the product's: objects are written here once more,
/// as plain programs that say what they return, and every set of operations that can have taken
/// effect is visited with every state that it can have led to.
final class PlainJudge {

    private final HistoryModel model;
    private final List<Operation> operations;

    /// Of each operation, those that may not come after it, and those that may not come before.
    private final int[] earlier;

    private final int[] later;
    private final Set<String> visited = new HashSet<>();

    /// What an object is after an operation, and what that returned.
    private record Outcome(String state, String result) {}

    private PlainJudge(HistoryModel model, List<Operation> operations) {
        this.model = model;
        this.operations = operations;
        int count = operations.size();
        earlier = new int[count];
        later = new int[count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                if (i != j && precedes(i, j)) {
                    earlier[j] |= 1 << i;
                    later[i] |= 1 << j;
                }
            }
        }
    }

    /// True if the history is linearizable.
    static boolean accepts(HistoryModel model, List<Operation> history) {
        Map<String, List<Operation>> byKey = new TreeMap<>();
        history.forEach(
                operation ->
                        byKey.computeIfAbsent(operation.key(), _ -> new ArrayList<>())
                                .add(operation));
        return byKey.values().stream().allMatch(ofKey -> new PlainJudge(model, ofKey).visit(0, ""));
    }

    private boolean precedes(int i, int j) {
        Operation one = operations.get(i);
        Operation other = operations.get(j);
        if (one.returnedAt() < other.invokedAt()) {
            return true;
        }
        boolean isOfOneSession = one.session() != 0 && one.session() == other.session();
        return isOfOneSession
                && (one.invokedAt() < other.invokedAt()
                        || (one.invokedAt() == other.invokedAt() && i < j));
    }

    private boolean visit(int done, String state) {
        boolean isAll = true;
        for (int i = 0; i < operations.size(); i++) {
            isAll &= (done & 1 << i) != 0 || !operations.get(i).isComplete();
        }
        if (isAll) {
            return true;
        }
        if (!visited.add(done + "/" + state)) {
            return false;
        }
        for (int i = 0; i < operations.size(); i++) {
            if ((done & (1 << i | later[i])) == 0 && isCompleteIn(done, earlier[i])) {
                Operation next = operations.get(i);
                Outcome outcome = outcome(state, next);
                if (outcome != null
                        && (next.result() == null || isTold(next, outcome.result()))
                        && visit(done | 1 << i, outcome.state())) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean isCompleteIn(int done, int some) {
        for (int i = 0; i < operations.size(); i++) {
            if ((some & ~done & 1 << i) != 0 && operations.get(i).isComplete()) {
                return false;
            }
        }
        return true;
    }

    /// True if the caller may have written down what it did when it was told `result`.
    private static boolean isTold(Operation operation, String result) {
        boolean mayTellNothing =
                operation.function().equals("add") || operation.function().equals("del");
        return Objects.equals(operation.result(), result)
                || (mayTellNothing && Objects.equals(operation.result(), "ok"));
    }

    /// Null if the object refuses. The empty state is that of something new.
    private @Nullable Outcome outcome(String state, Operation operation) {
        String argument = operation.argument();
        return switch (model) {
            case KV -> keyValue(state, operation.function(), argument);
            case REGISTER -> keyValue(state, operation.function(), argument);
            case COUNTER -> counter(state.isEmpty() ? 0 : Long.parseLong(state), operation);
            case LOCK -> {
                String owner = argument.isEmpty() ? "#" + operation.session() : argument;
                yield switch (operation.function()) {
                    case "acquire" ->
                            state.isEmpty() ? new Outcome(owner, "ok") : new Outcome(state, "no");
                    case "release" ->
                            state.equals(owner) ? new Outcome("", "ok") : new Outcome(state, "no");
                    default -> throw new IllegalArgumentException(operation.function());
                };
            }
            case LIST_APPEND -> lists(state, operation);
        };
    }

    /// A state is the value after `=`, or nothing.
    private static @Nullable Outcome keyValue(String state, String function, String argument) {
        boolean isThere = !state.isEmpty();
        String value = isThere ? state.substring(1) : "(nil)";
        String written = "=" + argument;
        return switch (function) {
            case "get", "read" -> new Outcome(state, value);
            case "set", "write" -> new Outcome(written, "ok");
            case "setnx" -> isThere ? new Outcome(state, "0") : new Outcome(written, "1");
            case "getset" -> new Outcome(written, value);
            case "del" -> new Outcome("", isThere ? "1" : "0");
            case "append" -> {
                String longer = (isThere ? value : "") + argument;
                yield new Outcome("=" + longer, "" + longer.length());
            }
            case "add" -> {
                if (isThere && !value.matches("-?[0-9]+")) {
                    yield null;
                }
                long sum = (isThere ? Long.parseLong(value) : 0) + Long.parseLong(argument);
                yield new Outcome("=" + sum, "" + sum);
            }
            case "cas" -> {
                String[] both = argument.split(" ", 2);
                yield both[0].equals(value)
                        ? new Outcome("=" + both[1], "ok")
                        : new Outcome(state, "no");
            }
            default -> throw new IllegalArgumentException(function);
        };
    }

    private static Outcome counter(long value, Operation operation) {
        return switch (operation.function()) {
            case "read" -> new Outcome("" + value, "" + value);
            case "add" -> {
                String sum = "" + (value + Long.parseLong(operation.argument()));
                yield new Outcome(sum, sum);
            }
            case "get-and-add" ->
                    new Outcome("" + (value + Long.parseLong(operation.argument())), "" + value);
            default -> throw new IllegalArgumentException(operation.function());
        };
    }

    /// A state is `name value` for every element, in the order of the appends, each ended by `;`.
    private static Outcome lists(String state, Operation operation) {
        String[] parts =
                switch (operation.function()) {
                    case "append" ->
                            new String[] {"append " + operation.key() + " " + operation.argument()};
                    case "read" -> new String[] {"read " + operation.key()};
                    default -> operation.argument().split("; ");
                };
        TreeMap<String, List<String>> lists = new TreeMap<>();
        for (String element : state.isEmpty() ? new String[0] : state.split(";")) {
            String[] words = element.split(" ", -1);
            lists.computeIfAbsent(words[0], _ -> new ArrayList<>()).add(words[1]);
        }
        List<String> results = new ArrayList<>();
        for (String part : parts) {
            String[] words = part.split(" ", -1);
            List<String> list = lists.computeIfAbsent(words[1], _ -> new ArrayList<>());
            if (words[0].equals("append")) {
                list.add(words[2]);
                results.add("ok");
            } else {
                results.add("[" + String.join(" ", list) + "]");
            }
        }
        StringBuilder next = new StringBuilder();
        lists.forEach((name, list) -> list.forEach(one -> next.append(name + " " + one + ";")));
        return new Outcome(next.toString(), String.join("; ", results));
    }
}
