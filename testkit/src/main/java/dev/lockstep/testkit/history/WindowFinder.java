package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Cuts the smallest window out of a key's history that cannot be ordered.
///
/// First the shortest beginning that cannot be (by halving: what holds for a beginning holds for
/// shorter ones); then the moment from which on few operations are left, with the states that are
/// possible there; then one operation after the other is allowed to have had no effect, as long as
/// there is still no order.
final class WindowFinder {

    /// A window that people can take in.
    private static final int GOOD_SIZE = 20;

    private static final int MOST_STARTS = 64;
    private static final int MOST_ATTEMPTS = 12;
    private static final int PIECE = 64;

    /// What one question may cost: a larger window is better than none after a long time.
    private static final long MOST_CONFIGURATIONS = 200_000;

    private final SequentialModel model;
    private final List<Operation> history;
    private final List<Operation> contradiction;
    private final long mostConfigurations;
    private final List<Operation> byReturn;

    /// @param history of one key, not linearizable, as it was recorded
    /// @param contradiction some of it that is known to contradict itself, by invocation; may be
    /// empty
    WindowFinder(
            SequentialModel model,
            List<Operation> history,
            List<Operation> contradiction,
            long mostConfigurations) {
        this.model = model;
        this.history = new ArrayList<>(history);
        this.history.sort(Comparator.comparingLong(Operation::invokedAt));
        this.contradiction = contradiction;
        this.mostConfigurations = Math.min(mostConfigurations, MOST_CONFIGURATIONS);
        this.byReturn = new ArrayList<>(history.stream().filter(Operation::isComplete).toList());
        byReturn.sort(Comparator.comparingLong(Operation::returnedAt));
    }

    Window find() {
        int culprit = culprit();
        List<Operation> beginning = beginning(culprit + 1);
        Operation last = byReturn.get(culprit);
        List<Long> moments = moments(beginning, last);
        for (long moment : moments.subList(0, Math.min(moments.size(), MOST_ATTEMPTS))) {
            Frontier frontier = new Frontier(model, mostConfigurations / 4, MOST_STARTS);
            if (moveTo(frontier, beginning, moment)) {
                return reduce(model, beginning, last, moment, frontier.now());
            }
        }
        List<Operation> needed =
                contradiction.contains(last) && beginning.containsAll(contradiction)
                        ? contradiction
                        : List.of(last);
        return new Window(last.key(), last, needed, List.of(), List.of(), beginning.size());
    }

    /// The window of a piece of a history.
    ///
    /// @param before how things may stand before it
    /// @param piece what was invoked since, by invocation; no order explains it
    static Window ofPiece(
            SequentialModel model,
            Frontier before,
            List<Operation> piece,
            long mostConfigurations) {
        List<Operation> returns = new ArrayList<>(before.open());
        returns.addAll(piece);
        returns.removeIf(operation -> !operation.isComplete());
        returns.sort(Comparator.comparingLong(Operation::returnedAt));
        int holds = -1;
        int fails = returns.size() - 1;
        while (fails - holds > 1) {
            int middle = (holds + fails) >>> 1;
            Frontier copy = before.copy(mostConfigurations);
            long moment = returns.get(middle).returnedAt() + 1;
            if (copy.advance(invokedBefore(piece, moment), moment) == Frontier.Move.VIOLATED) {
                fails = middle;
            } else {
                holds = middle;
            }
        }
        Operation last = returns.get(fails);
        List<Operation> beginning = invokedBefore(piece, last.returnedAt() + 1);
        List<Operation> all = new ArrayList<>(before.open());
        all.addAll(beginning);
        for (long moment : moments(all, last)) {
            Frontier copy = before.copy(mostConfigurations);
            boolean isFirst = beginning.isEmpty() || moment <= beginning.getFirst().invokedAt();
            if (isFirst || moveTo(copy, beginning, moment)) {
                return reduce(model, all, last, isFirst ? Long.MIN_VALUE : moment, copy.now());
            }
        }
        return new Window(last.key(), last, List.of(last), List.of(), List.of(), all.size());
    }

    private static List<Operation> invokedBefore(List<Operation> piece, long moment) {
        return piece.stream().filter(operation -> operation.invokedAt() < moment).toList();
    }

    /// The place in [#byReturn] of the first return by which it is certain.
    private int culprit() {
        int holds = -1;
        int fails = contradictionReturns();
        while (fails - holds > 1) {
            int middle = (holds + fails) >>> 1;
            Search search = new Search(model, beginning(middle + 1), mostConfigurations);
            if (search.run() == Search.Verdict.VIOLATED) {
                fails = middle;
            } else {
                holds = middle;
            }
        }
        return fails;
    }

    /// The place in [#byReturn] at which all that contradicts itself has returned, or the last.
    private int contradictionReturns() {
        long latest =
                contradiction.stream()
                        .filter(Operation::isComplete)
                        .mapToLong(Operation::returnedAt)
                        .max()
                        .orElse(Long.MAX_VALUE);
        int place = byReturn.size() - 1;
        while (place > 0 && byReturn.get(place - 1).returnedAt() >= latest) {
            place--;
        }
        return place;
    }

    /// What was known when so many had returned.
    private List<Operation> beginning(int returns) {
        Operation last = byReturn.get(returns - 1);
        Set<Operation> known = Collections.newSetFromMap(new IdentityHashMap<>());
        known.addAll(byReturn.subList(0, returns));
        List<Operation> beginning = new ArrayList<>();
        for (Operation operation : history) {
            if (known.contains(operation)) {
                beginning.add(operation);
            } else if (operation.invokedAt() <= last.returnedAt()) {
                beginning.add(
                        operation.isComplete()
                                ? Operation.unknown(
                                        operation.session(),
                                        operation.key(),
                                        operation.function(),
                                        operation.argument(),
                                        operation.invokedAt())
                                : operation);
            }
        }
        return beginning;
    }

    /// Moments at which a window may begin, the best first: one that leaves a good number of
    /// operations and parts few of them, among these the earliest.
    private static List<Long> moments(List<Operation> beginning, Operation last) {
        TreeSet<Long> invocations = new TreeSet<>();
        beginning.forEach(operation -> invocations.add(operation.invokedAt()));
        record Rated(long moment, int window, int parted) {}
        List<Rated> rated = new ArrayList<>();
        for (long moment : invocations.headSet(last.returnedAt(), true).descendingSet()) {
            int window = 0;
            int parted = 0;
            for (Operation operation : beginning) {
                boolean isLeft = operation.returnedAt() >= moment;
                window += isLeft ? 1 : 0;
                parted +=
                        isLeft && operation.isComplete() && operation.invokedAt() < moment ? 1 : 0;
            }
            if (window > (rated.isEmpty() ? SmallSearch.MOST : GOOD_SIZE)) {
                break;
            }
            rated.add(new Rated(moment, window, parted));
        }
        rated.sort(Comparator.comparingInt(Rated::parted).thenComparingLong(Rated::moment));
        return rated.stream().map(Rated::moment).toList();
    }

    /// Moves piece by piece, from one moment at which little is open to the next.
    private static boolean moveTo(Frontier frontier, List<Operation> beginning, long moment) {
        List<Operation> fresh = new ArrayList<>();
        long latestReturn = Long.MIN_VALUE;
        for (Operation operation : beginning) {
            if (operation.invokedAt() >= moment) {
                break;
            }
            if (fresh.size() >= PIECE && latestReturn < operation.invokedAt()) {
                if (frontier.advance(fresh, operation.invokedAt()) != Frontier.Move.DONE) {
                    return false;
                }
                fresh.clear();
            }
            fresh.add(operation);
            if (operation.isComplete()) {
                latestReturn = Math.max(latestReturn, operation.returnedAt());
            }
        }
        return frontier.advance(fresh, moment) == Frontier.Move.DONE;
    }

    @SuppressWarnings("ReferenceEquality") // Equal operations may be recorded twice.
    private static Window reduce(
            SequentialModel model,
            List<Operation> beginning,
            Operation last,
            long moment,
            List<Configuration> starts) {
        List<Operation> window = new ArrayList<>();
        for (Operation operation : beginning) {
            boolean isOpen =
                    starts.stream()
                            .anyMatch(start -> start.open().stream().anyMatch(o -> o == operation));
            if (window.size() < SmallSearch.MOST && (operation.invokedAt() >= moment || isOpen)) {
                window.add(operation);
            }
        }
        SmallSearch search = new SmallSearch(model, window, starts);
        long required = search.returnedBy(last.returnedAt());
        if (search.isImpossible(required)) {
            for (int i = 0; i < window.size(); i++) {
                long fewer = required & ~(1L << i);
                if (fewer != required && search.isImpossible(fewer)) {
                    required = fewer;
                }
            }
        }
        List<Operation> needed = new ArrayList<>();
        List<Operation> others = new ArrayList<>();
        for (int i = 0; i < window.size(); i++) {
            ((required >>> i & 1) == 1 ? needed : others).add(window.get(i));
        }
        List<String> states =
                starts.stream().map(start -> start.state().toString()).distinct().toList();
        return new Window(last.key(), last, needed, others, states, beginning.size());
    }
}
