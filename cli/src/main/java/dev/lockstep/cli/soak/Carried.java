package dev.lockstep.cli.soak;

import dev.lockstep.testkit.history.Operation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is known of the keys of the last rounds, as the beginning of their further history: what
/// was read last, as if it had been set then, and what nobody knows the outcome of, which may still
/// happen. So histories stay short however long a run is, and what an earlier round wrote must
/// still be there.
final class Carried {

    private static final int ROUNDS = 8;

    /// By key.
    private final Map<String, List<Operation>> beginnings = new TreeMap<>();

    private final Map<String, Integer> roundOf = new TreeMap<>();

    /// The keys whose values are to be read at the end of a round.
    SortedSet<String> keys() {
        return new TreeSet<>(roundOf.keySet());
    }

    /// What the history of the next round begins with.
    List<Operation> operations() {
        List<Operation> all = new ArrayList<>();
        beginnings.values().forEach(all::addAll);
        return all;
    }

    /// Takes a round that was found good.
    ///
    /// @param history with what it began with, and with a read of every key at its end
    void take(int round, Collection<Operation> history) {
        beginnings.clear();
        Map<String, Operation> last = new TreeMap<>();
        for (Operation operation : history) {
            roundOf.putIfAbsent(operation.key(), round);
            if (!operation.isComplete()) {
                beginnings.computeIfAbsent(operation.key(), _ -> new ArrayList<>()).add(operation);
            } else if (operation.function().equals("get")) {
                last.merge(
                        operation.key(),
                        operation,
                        (one, other) -> one.invokedAt() < other.invokedAt() ? other : one);
            }
        }
        last.forEach(
                (key, read) -> {
                    String value = String.valueOf(read.result());
                    if (!value.equals(Operation.NIL)) {
                        beginnings.computeIfAbsent(key, _ -> new ArrayList<>()).add(set(read));
                    }
                });
        roundOf.values().removeIf(of -> of <= round - ROUNDS);
        beginnings.keySet().retainAll(roundOf.keySet());
    }

    private static Operation set(Operation read) {
        return new Operation(
                0,
                read.key(),
                "set",
                String.valueOf(read.result()),
                "ok",
                read.returnedAt(),
                read.returnedAt());
    }

    /// The cluster they were in is no more.
    void clear() {
        beginnings.clear();
        roundOf.clear();
    }
}
