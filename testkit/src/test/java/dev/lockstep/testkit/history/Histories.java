package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Makes histories that are linearizable by construction: every operation takes effect at a moment
/// that was drawn between its invocation and its return.
final class Histories {

    /// @param clients sequential callers; with sessions, callers that pipeline a few deep
    /// @param unknownPercent of the operations lose their reply; half of those have no effect
    record Shape(int operations, int keys, int clients, int unknownPercent, boolean sessions) {}

    private record Planned(Operation operation, long effectAt, boolean effective) {}

    private Histories() {}

    static List<Operation> keyValue(Shape shape, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Planned> plan = new ArrayList<>();
        long[] freeAt = new long[shape.clients()];
        long[] lastEffect = new long[shape.clients()];
        for (int i = 0; i < shape.operations(); i++) {
            int client = random.nextInt(shape.clients());
            long invoked =
                    Math.max(freeAt[client], lastEffect[client] - 80) + 1 + random.nextInt(20);
            long earliest = shape.sessions() ? Math.max(invoked, lastEffect[client] + 1) : invoked;
            long effect = earliest + random.nextInt(50);
            long returned = effect + 1 + random.nextInt(50);
            lastEffect[client] = effect;
            freeAt[client] = shape.sessions() ? invoked : returned;
            String function =
                    switch (random.nextInt(10)) {
                        case 0, 1, 2 -> "set";
                        case 3 -> "add";
                        case 4 -> "del";
                        case 5 -> "cas";
                        default -> "get";
                    };
            String argument =
                    switch (function) {
                        case "set" -> Integer.toString(i);
                        case "add" -> Integer.toString(1 + random.nextInt(3));
                        case "cas" -> random.nextInt(5) + " " + i;
                        default -> "";
                    };
            boolean unknown = random.nextInt(100) < shape.unknownPercent();
            long session = shape.sessions() ? client + 1 : 0;
            String key = "k" + random.nextInt(shape.keys());
            Operation operation =
                    unknown
                            ? Operation.unknown(session, key, function, argument, invoked)
                            : new Operation(
                                    session, key, function, argument, "", invoked, returned);
            plan.add(new Planned(operation, effect, !unknown || random.nextBoolean()));
        }
        return carryOut(plan);
    }

    private static List<Operation> carryOut(List<Planned> plan) {
        List<Planned> byEffect = new ArrayList<>(plan);
        byEffect.sort(Comparator.comparingLong(Planned::effectAt));
        Map<String, String> store = new HashMap<>();
        IdentityHashMap<Operation, Operation> done = new IdentityHashMap<>();
        for (Planned planned : byEffect) {
            Operation operation = planned.operation();
            if (planned.effective()) {
                String result = apply(store, operation);
                if (operation.isComplete()) {
                    operation = operation.withResult(result);
                }
            }
            done.put(planned.operation(), operation);
        }
        List<Operation> history = new ArrayList<>();
        for (Planned planned : plan) {
            history.add(done.get(planned.operation()));
        }
        return history;
    }

    /// An implementation of its own, so that the model is tested too.
    private static String apply(Map<String, String> store, Operation operation) {
        String value = store.getOrDefault(operation.key(), Operation.NIL);
        switch (operation.function()) {
            case "get" -> {
                return value;
            }
            case "set" -> {
                store.put(operation.key(), operation.argument());
                return "ok";
            }
            case "add" -> {
                long sum =
                        (value.equals(Operation.NIL) ? 0 : Long.parseLong(value))
                                + Long.parseLong(operation.argument());
                store.put(operation.key(), Long.toString(sum));
                return Long.toString(sum);
            }
            case "del" -> {
                return store.remove(operation.key()) == null ? "0" : "1";
            }
            case "cas" -> {
                String[] values = operation.argument().split(" ", -1);
                if (!values[0].equals(value)) {
                    return "no";
                }
                store.put(operation.key(), values[1]);
                return "ok";
            }
            default -> throw new IllegalArgumentException(operation.function());
        }
    }
}
