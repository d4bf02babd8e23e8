package dev.lockstep.testkit.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// All the ways in which things may stand at a moment that moves through one key's history.
final class Frontier {

    /// What came of a move.
    enum Move {
        DONE,
        /// No order explains what happened up to there.
        VIOLATED,
        /// There are more ways than may be kept, or finding them was given up; nothing has moved.
        TOO_MANY
    }

    private final SequentialModel model;
    private final long mostConfigurations;
    private final int mostEnds;
    private List<Configuration> now;

    /// @param mostConfigurations how many one move may look at
    /// @param mostEnds how many it may come to
    Frontier(SequentialModel model, long mostConfigurations, int mostEnds) {
        this(model, List.of(Configuration.initial(model)), mostConfigurations, mostEnds);
    }

    /// @param now how things may stand at the beginning
    Frontier(
            SequentialModel model, List<Configuration> now, long mostConfigurations, int mostEnds) {
        this.model = model;
        this.mostConfigurations = mostConfigurations;
        this.mostEnds = mostEnds;
        this.now = now;
    }

    /// The same, to be moved on its own.
    Frontier copy(long most) {
        return new Frontier(model, now, most, mostEnds);
    }

    /// Frees what is kept; nothing may be asked any more.
    void forget() {
        now = List.of();
    }

    List<Configuration> now() {
        return now;
    }

    /// Operations that were invoked and may not have taken effect.
    List<Operation> open() {
        Set<Operation> open = Collections.newSetFromMap(new IdentityHashMap<>());
        now.forEach(configuration -> open.addAll(configuration.open()));
        List<Operation> byInvocation = new ArrayList<>(open);
        byInvocation.sort(Comparator.comparingLong(Operation::invokedAt));
        return byInvocation;
    }

    /// Moves on to `moment`.
    ///
    /// @param fresh what was invoked since the last move and before `moment`, in that order, with
    ///     outcomes
    Move advance(List<Operation> fresh, long moment) {
        Set<Configuration> next = new LinkedHashSet<>();
        long left = mostConfigurations;
        for (Configuration configuration : settled(fresh)) {
            List<Operation> open = new ArrayList<>(configuration.open());
            open.addAll(fresh);
            List<Operation> returned =
                    open.stream().filter(operation -> operation.returnedAt() < moment).toList();
            Search search = new Search(model, configuration, open, returned, left);
            Set<Configuration> ends = search.ends(mostEnds);
            left -= search.configurations();
            if (ends == null || left < 0) {
                return Move.TOO_MANY;
            }
            next.addAll(ends);
            if (next.size() > mostEnds) {
                return Move.TOO_MANY;
            }
        }
        if (next.isEmpty()) {
            return Move.VIOLATED;
        }
        now = List.copyOf(next);
        return Move.DONE;
    }

    /// The same ways, with none in which something counts as hidden whose session goes on: whether
    /// it was limits when that takes effect.
    private List<Configuration> settled(List<Operation> fresh) {
        Set<Long> sessions = new HashSet<>();
        fresh.forEach(operation -> sessions.add(operation.session()));
        sessions.remove(0L);
        List<Configuration> settled = new ArrayList<>();
        Deque<Configuration> left = new ArrayDeque<>(now);
        while (!left.isEmpty()) {
            Configuration configuration = left.pop();
            Optional<Operation> limiting =
                    configuration.hidden().stream()
                            .filter(operation -> sessions.contains(operation.session()))
                            .findFirst();
            if (limiting.isEmpty()) {
                settled.add(configuration);
            } else {
                left.push(configuration.withoutHiding(limiting.get(), false));
                left.push(configuration.withoutHiding(limiting.get(), true));
            }
        }
        return settled;
    }
}
