package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/// Damages good histories as broken systems do. A mutant may happen to be linearizable all the
/// same: that is for the caller to find out.
final class Mutations {

    private Mutations() {}

    /// The mutants of one history, by what was done to it.
    static Map<String, List<Operation>> of(
            HistoryModel model, List<Operation> good, Random random) {
        Map<String, List<Operation>> mutants = new TreeMap<>();
        int at = random.nextInt(good.size());
        for (int i = 0; i < good.size(); i++) {
            mutate(model, good, (at + i) % good.size(), random, mutants);
        }
        return mutants;
    }

    private static void mutate(
            HistoryModel model,
            List<Operation> good,
            int at,
            Random random,
            Map<String, List<Operation>> mutants) {
        Operation operation = good.get(at);
        String result = operation.result();
        if (result == null) {
            return;
        }
        switch (operation.function()) {
            case "get", "read" -> {
                if (model == HistoryModel.LIST_APPEND) {
                    lists(good, at, result, random, mutants);
                } else {
                    earlierRead(good, at)
                            .ifPresent(
                                    stale ->
                                            add(
                                                    mutants,
                                                    "stale read",
                                                    good,
                                                    at,
                                                    with(operation, stale)));
                }
            }
            case "set", "write" ->
                    add(mutants, "lost write", good, at, with(operation, "ok", "never-seen"));
            case "add" ->
                    add(
                            mutants,
                            "double increment",
                            good,
                            at,
                            with(
                                    operation,
                                    Long.toString(
                                            Long.parseLong(result)
                                                    + Long.parseLong(operation.argument()))));
            case "acquire" -> {
                if (result.equals("no")) {
                    add(mutants, "lock held twice", good, at, with(operation, "ok"));
                }
            }
            case "release" -> {
                if (result.equals("no")) {
                    add(mutants, "lock of another released", good, at, with(operation, "ok"));
                }
            }
            default -> {}
        }
        swapWithNext(good, at, mutants);
    }

    private static void lists(
            List<Operation> good,
            int at,
            String result,
            Random random,
            Map<String, List<Operation>> mutants) {
        String inner = result.substring(1, result.length() - 1);
        List<String> values = new ArrayList<>(Arrays.asList(inner.split(" ")));
        if (values.size() < 2) {
            return;
        }
        int place = random.nextInt(values.size() - 1);
        List<String> lost = new ArrayList<>(values);
        lost.remove(place);
        add(mutants, "list element lost", good, at, with(good.get(at), list(lost)));
        List<String> swapped = new ArrayList<>(values);
        swapped.set(place, values.get(place + 1));
        swapped.set(place + 1, values.get(place));
        add(mutants, "list reordered", good, at, with(good.get(at), list(swapped)));
        List<String> doubled = new ArrayList<>(values);
        doubled.add(place, values.get(place));
        add(mutants, "list element twice", good, at, with(good.get(at), list(doubled)));
    }

    private static String list(List<String> values) {
        return "[" + String.join(" ", values) + "]";
    }

    /// What an earlier read of the key returned, if that was something else.
    private static java.util.Optional<String> earlierRead(List<Operation> good, int at) {
        Operation operation = good.get(at);
        for (int i = 0; i < at; i++) {
            Operation earlier = good.get(i);
            if (earlier.function().equals(operation.function())
                    && earlier.key().equals(operation.key())
                    && earlier.returnedAt() < operation.invokedAt()
                    && !Objects.equals(earlier.result(), operation.result())) {
                return java.util.Optional.ofNullable(earlier.result());
            }
        }
        return java.util.Optional.empty();
    }

    /// A session whose operations came in another order than it issued them.
    private static void swapWithNext(
            List<Operation> good, int at, Map<String, List<Operation>> mutants) {
        Operation one = good.get(at);
        for (int i = at + 1; i < good.size(); i++) {
            Operation other = good.get(i);
            if (other.session() == one.session()
                    && other.key().equals(one.key())
                    && other.function().equals(one.function())
                    && other.argument().equals(one.argument())
                    && other.result() != null
                    && !other.result().equals(one.result())) {
                List<Operation> mutant = new ArrayList<>(good);
                mutant.set(at, one.withResult(other.result()));
                mutant.set(i, other.withResult(Objects.requireNonNull(one.result())));
                mutants.putIfAbsent("reordered session", mutant);
                return;
            }
        }
    }

    private static Operation with(Operation operation, String result) {
        return operation.withResult(result);
    }

    private static Operation with(Operation operation, String result, String argument) {
        return new Operation(
                operation.session(),
                operation.key(),
                operation.function(),
                argument,
                result,
                operation.invokedAt(),
                operation.returnedAt());
    }

    private static void add(
            Map<String, List<Operation>> mutants,
            String name,
            List<Operation> good,
            int at,
            Operation mutated) {
        List<Operation> mutant = new ArrayList<>(good);
        mutant.set(at, mutated);
        mutants.putIfAbsent(name, mutant);
    }
}
