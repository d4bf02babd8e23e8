package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/// Histories of every model that are linearizable by construction: each operation takes effect at a
/// moment that was drawn within it, on an object that is written here once more, apart from the
/// models.
final class Executions {

    /// @param lost percent of the operations whose outcome nobody learns; half of them have no
    ///     effect
    /// @param values how many different ones are written; 0 for each its own
    record Shape(int operations, int clients, int keys, int lost, int values) {
        Shape(int operations, int clients, int keys, int lost) {
            this(operations, clients, keys, lost, 0);
        }
    }

    private record Planned(int number, long effectAt, boolean takesEffect) {}

    private Executions() {}

    static List<Operation> of(HistoryModel model, Shape shape, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Operation> called = new ArrayList<>();
        List<Planned> plan = new ArrayList<>();
        long[] freeAt = new long[shape.clients()];
        for (int i = 0; i < shape.operations(); i++) {
            int client = random.nextInt(shape.clients());
            long invoked = freeAt[client] + 1 + random.nextInt(8);
            long effect = invoked + random.nextInt(20);
            long returned = effect + random.nextInt(20);
            freeAt[client] = returned;
            boolean isLost = random.nextInt(100) < shape.lost();
            int value = shape.values() == 0 ? i : random.nextInt(shape.values());
            String[] words = call(model, random, value);
            String key = "k" + random.nextInt(shape.keys());
            called.add(
                    isLost
                            ? Operation.unknown(client + 1, key, words[0], words[1], invoked)
                            : new Operation(
                                    client + 1, key, words[0], words[1], "", invoked, returned));
            plan.add(new Planned(i, effect, !isLost || random.nextBoolean()));
        }
        plan.sort(Comparator.comparingLong(Planned::effectAt));
        Objects objects = new Objects(model);
        Operation[] history = called.toArray(new Operation[0]);
        for (Planned planned : plan) {
            Operation operation = history[planned.number()];
            if (planned.takesEffect()) {
                String result = objects.apply(operation);
                history[planned.number()] =
                        operation.isComplete() ? operation.withResult(result) : operation;
            }
        }
        return List.of(history);
    }

    private static String[] call(HistoryModel model, SplittableRandom random, int number) {
        int draw = random.nextInt(10);
        String fresh = Integer.toString(number);
        return switch (model) {
            case KV ->
                    switch (draw) {
                        case 0, 1, 2 -> words("set", fresh);
                        case 3 -> words("del", "");
                        case 4 -> words("cas", random.nextInt(number + 1) + " " + fresh);
                        case 5 -> words("getset", fresh);
                        default -> words("get", "");
                    };
            case REGISTER ->
                    switch (draw) {
                        case 0, 1, 2 -> words("write", fresh);
                        case 3 -> words("cas", random.nextInt(number + 1) + " " + fresh);
                        default -> words("read", "");
                    };
            case COUNTER ->
                    switch (draw) {
                        case 0, 1, 2 -> words("add", Integer.toString(1 + random.nextInt(3)));
                        case 3, 4 -> words("get-and-add", "1");
                        default -> words("read", "");
                    };
            case LOCK -> words(draw < 6 ? "acquire" : "release", "");
            case LIST_APPEND -> draw < 4 ? words("append", fresh) : words("read", "");
        };
    }

    private static String[] words(String function, String argument) {
        return new String[] {function, argument};
    }

    /// The objects, key by key, as a plain program would have them.
    private static final class Objects {
        private final HistoryModel model;
        private final java.util.Map<String, String> values = new java.util.HashMap<>();

        Objects(HistoryModel model) {
            this.model = model;
        }

        String apply(Operation operation) {
            String key = operation.key();
            String argument = operation.argument();
            String value = values.getOrDefault(key, Operation.NIL);
            return switch (operation.function()) {
                case "get" -> value;
                case "read" ->
                        switch (model) {
                            case COUNTER -> values.getOrDefault(key, "0");
                            case LIST_APPEND -> "[" + values.getOrDefault(key, "") + "]";
                            default -> value;
                        };
                case "set", "write" -> put(key, argument, "ok");
                case "getset" -> put(key, argument, value);
                case "del" -> values.remove(key) == null ? "0" : "1";
                case "cas" -> {
                    String[] both = argument.split(" ", -1);
                    yield both[0].equals(value) ? put(key, both[1], "ok") : "no";
                }
                case "add", "get-and-add" -> {
                    long before = Long.parseLong(values.getOrDefault(key, "0"));
                    String after = Long.toString(before + Long.parseLong(argument));
                    put(key, after, "");
                    yield operation.function().equals("add") ? after : Long.toString(before);
                }
                case "acquire" ->
                        values.putIfAbsent(key, "" + operation.session()) == null ? "ok" : "no";
                case "release" -> values.remove(key, "" + operation.session()) ? "ok" : "no";
                case "append" -> {
                    String list = values.getOrDefault(key, "");
                    yield put(key, list.isEmpty() ? argument : list + " " + argument, "ok");
                }
                default -> throw new IllegalArgumentException(operation.function());
            };
        }

        private String put(String key, String value, String result) {
            values.put(key, value);
            return result;
        }
    }

    /// Small histories of whatever results, few of which are linearizable.
    static List<Operation> arbitrary(HistoryModel model, int size, Random random) {
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            long invoked = random.nextInt(20);
            long returned = invoked + random.nextInt(12);
            long session = model == HistoryModel.LOCK ? 1 + random.nextInt(2) : random.nextInt(3);
            String[] words = arbitrary(model, random);
            history.add(
                    random.nextInt(5) == 0
                            ? Operation.unknown(session, "x", words[0], words[1], invoked)
                            : new Operation(
                                    session, "x", words[0], words[1], words[2], invoked, returned));
        }
        return history;
    }

    private static String[] arbitrary(HistoryModel model, Random random) {
        String one = Integer.toString(1 + random.nextInt(3));
        String other = Integer.toString(1 + random.nextInt(3));
        String old = random.nextInt(3) == 0 ? Operation.NIL : other;
        String swapped = random.nextInt(3) == 0 ? "no" : "ok";
        String[][] choices =
                switch (model) {
                    case KV ->
                            new String[][] {
                                {"set", one, "ok"},
                                {"set", one, "ok"},
                                {"get", "", old},
                                {"get", "", one},
                                {"cas", old + " " + one, swapped},
                                {"del", "", random.nextBoolean() ? "1" : "0"},
                                {"setnx", one, random.nextBoolean() ? "1" : "0"},
                                {"getset", one, old}
                            };
                    case REGISTER ->
                            new String[][] {
                                {"write", one, "ok"},
                                {"write", one, "ok"},
                                {"read", "", old},
                                {"read", "", one},
                                {"cas", old + " " + one, swapped}
                            };
                    case COUNTER ->
                            new String[][] {
                                {"add", "1", one},
                                {"add", "1", "ok"},
                                {"read", "", one},
                                {"read", "", "0"},
                                {"get-and-add", "1", one}
                            };
                    case LOCK ->
                            new String[][] {{"acquire", "", swapped}, {"release", "", swapped}};
                    case LIST_APPEND ->
                            new String[][] {
                                {"append", one, "ok"},
                                {"append", one, "ok"},
                                {"read", "", "[" + one + "]"},
                                {"read", "", "[]"},
                                {"read", "", "[" + one + " " + other + "]"}
                            };
                };
        return choices[random.nextInt(choices.length)];
    }
}
