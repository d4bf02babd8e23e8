package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/// Says in the words of a model what Jepsen's events say.
final class JepsenWords {

    private static final String OK = "ok";

    /// Functions whose value is a pair, with or without a key in front of it.
    private static final Set<String> OF_PAIRS = Set.of("cas", "get-and-add", "add-and-get");

    /// Functions whose result is in the value that they end with.
    private static final Set<String> RETURNING =
            Set.of("get", "read", "r", "get-and-add", "add-and-get");

    private final HistoryModel model;

    /// True if the keys of values `[key value]` are objects of their own.
    private boolean isKeyed;

    /// The key, the argument and the result of one operation, as values.
    private record Parts(
            @Nullable Object key, @Nullable Object argument, @Nullable Object result) {}

    JepsenWords(HistoryModel model) {
        this.model = model;
    }

    List<Operation> operations(List<JepsenFile.Pair> pairs) throws Edn.Malformed {
        isKeyed =
                model == HistoryModel.KV
                        || (!pairs.isEmpty() && pairs.stream().allMatch(JepsenWords::isKeyed));
        List<JepsenFile.Pair> happened = new ArrayList<>(pairs);
        happened.removeIf(JepsenFile.Pair::isFailed);
        boolean isOfTransactions =
                model == HistoryModel.LIST_APPEND
                        && happened.stream().anyMatch(pair -> functionOf(pair).equals("txn"));
        if (isOfTransactions) {
            return new JepsenTransactions().operations(happened);
        }
        Set<Long> reused = reused(happened);
        List<Operation> operations = new ArrayList<>();
        for (JepsenFile.Pair pair : happened) {
            operations.add(operation(pair, reused));
        }
        return operations;
    }

    private static String functionOf(JepsenFile.Pair pair) {
        return pair.invocation().function();
    }

    private static boolean isKeyed(JepsenFile.Pair pair) {
        return pair.invocation().value() instanceof List<?> parts
                && parts.size() == 2
                && (!OF_PAIRS.contains(functionOf(pair)) || parts.get(1) instanceof List<?>);
    }

    /// Processes that go on after an operation of unknown outcome: it may take effect later than
    /// what they do next, so it belongs to no session.
    static Set<Long> reused(List<JepsenFile.Pair> pairs) {
        Set<Long> crashed = new HashSet<>();
        Set<Long> reused = new HashSet<>();
        for (JepsenFile.Pair pair : pairs) {
            long process = pair.invocation().process();
            if (crashed.contains(process)) {
                reused.add(process);
            }
            if (!pair.isOk()) {
                crashed.add(process);
            }
        }
        return reused;
    }

    static Operation operation(
            JepsenFile.Pair pair,
            Set<Long> reused,
            String key,
            String function,
            String argument,
            @Nullable String result) {
        long process = pair.invocation().process();
        return result == null
                ? Operation.unknown(
                        reused.contains(process) ? 0 : process + 1,
                        key,
                        function,
                        argument,
                        pair.invokedAt())
                : new Operation(
                        process + 1,
                        key,
                        function,
                        argument,
                        result,
                        pair.invokedAt(),
                        pair.endedAt());
    }

    private Operation operation(JepsenFile.Pair pair, Set<Long> reused) throws Edn.Malformed {
        Parts parts = parts(pair);
        String key = isKeyed ? text(parts.key()) : "";
        String function = function(pair);
        if (isKeyed && pair.isOk() && RETURNING.contains(functionOf(pair))) {
            requireOfKey(pair, key);
        }
        String argument =
                switch (function) {
                    case "read", "get", "del" -> "";
                    case "cas" -> pairOfValues(pair, parts.argument());
                    case "append" -> word(pair, argument(pair, parts.argument()));
                    case "acquire", "release" -> "process " + pair.invocation().process();
                    default -> argument(pair, parts.argument());
                };
        String result = pair.isOk() ? result(pair, function, parts.result()) : null;
        Operation operation = operation(pair, reused, key, function, argument, result);
        try {
            model.check(operation, Callers.PROCESSES);
        } catch (IllegalArgumentException refused) {
            throw malformed(
                    pair, "is not of the model " + model.word() + ": " + refused.getMessage());
        }
        return operation;
    }

    /// A result that is not taken for one would be taken for none.
    private static void requireOfKey(JepsenFile.Pair pair, String key) throws Edn.Malformed {
        Object ended = pair.end() == null ? null : pair.end().value();
        boolean isOfKey =
                ended == null
                        || (ended instanceof List<?> parts
                                && parts.size() == 2
                                && text(parts.getFirst()).equals(key));
        if (!isOfKey) {
            throw malformed(
                    pair, "returns no [key value] of the key " + key + ": " + Edn.write(ended));
        }
    }

    /// Takes a key apart from values.
    private Parts parts(JepsenFile.Pair pair) throws Edn.Malformed {
        Object invoked = pair.invocation().value();
        Object ended = pair.end() == null ? null : pair.end().value();
        if (!isKeyed) {
            return new Parts(null, invoked, ended);
        }
        if (!(invoked instanceof List<?> parts)) {
            // The bare key of what has no value.
            return new Parts(invoked, null, valueOf(ended));
        }
        if (parts.isEmpty() || parts.size() > 3) {
            throw malformed(pair, "needs a value [key value]");
        }
        Object argument =
                switch (parts.size()) {
                    case 1 -> null;
                    case 2 -> parts.get(1);
                    default -> parts.subList(1, 3);
                };
        return new Parts(parts.getFirst(), argument, valueOf(ended));
    }

    private static @Nullable Object valueOf(@Nullable Object ended) {
        return ended instanceof List<?> parts && parts.size() == 2 ? parts.get(1) : null;
    }

    private String function(JepsenFile.Pair pair) throws Edn.Malformed {
        String word = functionOf(pair);
        String function =
                switch (model) {
                    case KV ->
                            Map.ofEntries(
                                            Map.entry("get", "get"),
                                            Map.entry("read", "get"),
                                            Map.entry("r", "get"),
                                            Map.entry("set", "set"),
                                            Map.entry("put", "set"),
                                            Map.entry("write", "set"),
                                            Map.entry("w", "set"),
                                            Map.entry("del", "del"),
                                            Map.entry("delete", "del"),
                                            Map.entry("cas", "cas"),
                                            Map.entry("incr", "add"),
                                            Map.entry("add", "add"))
                                    .get(word);
                    case REGISTER ->
                            Map.of(
                                            "read", "read", "r", "read", "write", "write", "w",
                                            "write", "cas", "cas")
                                    .get(word);
                    case COUNTER ->
                            Map.of(
                                            "read",
                                            "read",
                                            "r",
                                            "read",
                                            "add",
                                            "add",
                                            "incr",
                                            "add",
                                            "get-and-add",
                                            "get-and-add",
                                            "add-and-get",
                                            "add")
                                    .get(word);
                    case LOCK ->
                            Map.of(
                                            "acquire", "acquire", "lock", "acquire", "release",
                                            "release", "unlock", "release")
                                    .get(word);
                    case LIST_APPEND ->
                            Map.of("append", "append", "read", "read", "r", "read").get(word);
                };
        if (function == null) {
            throw malformed(pair, "is not of the model " + model.word());
        }
        return function;
    }

    private String argument(JepsenFile.Pair pair, @Nullable Object value) throws Edn.Malformed {
        if (value == null && !functionOf(pair).equals("incr")) {
            throw malformed(pair, "needs a value");
        }
        boolean isCounted = value instanceof List<?> parts && parts.size() == 2;
        return value == null
                ? "1"
                : text(isCounted && isOfCounter() ? ((List<?>) value).getFirst() : value);
    }

    private boolean isOfCounter() {
        return model == HistoryModel.COUNTER;
    }

    private String pairOfValues(JepsenFile.Pair pair, @Nullable Object value) throws Edn.Malformed {
        if (!(value instanceof List<?> both) || both.size() != 2) {
            throw malformed(pair, "needs an old and a new value");
        }
        String old = text(both.get(0));
        if (old.indexOf(' ') >= 0) {
            throw malformed(pair, "has an old value with a space, which is not supported");
        }
        return old + " " + text(both.get(1));
    }

    private String result(JepsenFile.Pair pair, String function, @Nullable Object value)
            throws Edn.Malformed {
        return switch (function) {
            case "read" -> model == HistoryModel.LIST_APPEND ? list(pair, value) : text(value);
            case "get" -> text(value);
            case "get-and-add" -> text(counted(pair, value));
            case "add" -> functionOf(pair).equals("add-and-get") ? text(counted(pair, value)) : OK;
            default -> OK;
        };
    }

    private static Object counted(JepsenFile.Pair pair, @Nullable Object value)
            throws Edn.Malformed {
        Object result = value instanceof List<?> both && both.size() == 2 ? both.get(1) : null;
        if (result == null) {
            throw malformed(pair, "returns no [difference result]");
        }
        return result;
    }

    /// A list as [ListAppendModel] writes it: of values as they are appended, texts without quotes.
    static String list(JepsenFile.Pair pair, @Nullable Object value) throws Edn.Malformed {
        if (value == null) {
            return "[]";
        }
        if (!(value instanceof List<?> values)) {
            throw malformed(pair, "returns no list: " + Edn.write(value));
        }
        StringJoiner list = new StringJoiner(" ", "[", "]");
        for (Object one : values) {
            list.add(word(pair, text(one)));
        }
        return list.toString();
    }

    /// Keys and values of lists are words of a text.
    static String word(JepsenFile.Pair pair, String text) throws Edn.Malformed {
        if (text.isEmpty() || text.indexOf(' ') >= 0 || text.indexOf(';') >= 0) {
            throw malformed(
                    pair, "has a key or value with a space or semicolon, which is not supported");
        }
        return text;
    }

    static Edn.Malformed malformed(JepsenFile.Pair pair, String what) {
        JepsenFile.Event end = pair.end();
        return new Edn.Malformed(
                end == null ? pair.invocation().line() : end.line(),
                ":%s by process %d %s"
                        .formatted(functionOf(pair), pair.invocation().process(), what));
    }

    /// A value as models see it.
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> Operation.NIL;
            case String text -> text;
            default -> Edn.write(value);
        };
    }
}
