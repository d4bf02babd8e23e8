package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/// One search through the orders of one key's operations.
///
/// Some must be in the order; others may be left out: those whose results are unknown, and those
/// that return later than what the search is about. Those that must stand in a linked list of
/// events, an invocation and a return each, by time. What may come next is whatever was invoked
/// before the first return in the list. An operation put into the order is lifted out of the list;
/// when the first return is reached and nothing fits, the last decision is undone. What may be left
/// out waits apart and is tried last: most operations with unknown results are explained best by
/// never having taken effect.
final class Search {

    /// What a search comes to.
    enum Verdict {
        HOLDS,
        VIOLATED,
        /// It was given up.
        UNDECIDED
    }

    private static final int NOTHING = -1;

    private static final int STUCK = -2;

    /// Added to the number of an operation that is counted as done long ago: see [Hiding].
    private static final int HIDDEN = 1 << 30;

    /// Added to the number of an operation that was preferred: see [#findFree].
    private static final int FREE = 1 << 29;

    /// Of so many configurations at most one may bring a new state: states are larger.
    private static final int CONFIGURATIONS_A_STATE = 8;

    private static final int SOME_STATES = 1_000;

    private final SequentialModel model;
    private final long mostConfigurations;
    private final Operation[] operations;

    /// Operations that must be in the order come first.
    private final int required;

    /// From here on results are unknown.
    private final int firstUnknown;

    private final Events events;
    private final SessionOrder sessions;
    private final Hiding hiding;
    private final Demand demand;
    private final Seen seen = new Seen();
    private final Map<Object, Integer> stateNumbers = new HashMap<>();

    /// Decisions so far: the operations in the order tried, with the states before them.
    private final int[] decided;

    private final Object[] stateBefore;

    private final boolean[] readOnly;

    /// True where no alternative needs to be tried: see [#findHarmless].
    private final boolean[] forced;

    /// True if states may be taken for one another that no operation here tells apart.
    private boolean mayMerge;

    private int depth;
    private int left;
    private long hashHigh;
    private long hashLow;
    private Object state;
    private long configurations;

    /// A search for an order of a whole history.
    Search(SequentialModel model, List<Operation> history, long mostConfigurations) {
        this(
                model,
                Configuration.initial(model),
                history,
                history.stream().filter(Operation::isComplete).toList(),
                mostConfigurations);
    }

    /// A search for the orders of a piece of a history.
    ///
    /// @param from how things stand before it
    /// @param history the operations, as they were recorded
    /// @param mustBeOrdered those of them that may not be left out, all of them complete and
    /// returned
    ///     before any other complete one
    Search(
            SequentialModel model,
            Configuration from,
            List<Operation> history,
            List<Operation> mustBeOrdered,
            long mostConfigurations) {
        this.model = model;
        this.mostConfigurations = mostConfigurations;
        Operation[] first = mustBeOrdered.toArray(new Operation[0]);
        Operation[] others = without(history, mustBeOrdered);
        // Ties of the clock count as overlap in real time, and keep their order in a session.
        Arrays.sort(first, Comparator.comparingLong(Operation::invokedAt));
        Arrays.sort(
                others,
                Comparator.comparing((Operation operation) -> !operation.isComplete())
                        .thenComparingLong(Operation::invokedAt));
        this.required = first.length;
        this.operations = Arrays.copyOf(first, first.length + others.length);
        System.arraycopy(others, 0, operations, required, others.length);
        int known = required;
        while (known < operations.length && operations[known].isComplete()) {
            known++;
        }
        this.firstUnknown = known;
        this.left = required;
        this.events = new Events(operations, required);
        this.sessions = new SessionOrder(model, operations, history);
        this.hiding = new Hiding(model, operations, sessions, from.hidden());
        this.demand = new Demand(model, operations, required);
        this.mayMerge = demand.isUniform();
        this.decided = new int[operations.length];
        this.stateBefore = new Object[operations.length];
        this.forced = new boolean[operations.length];
        this.readOnly = new boolean[operations.length];
        for (int i = 0; i < firstUnknown; i++) {
            readOnly[i] = model.isReadOnly(operations[i]);
        }
        this.state = from.state();
    }

    private static Operation[] without(List<Operation> history, List<Operation> some) {
        Set<Operation> left = Collections.newSetFromMap(new IdentityHashMap<>());
        left.addAll(some);
        return history.stream()
                .filter(operation -> !left.contains(operation))
                .toArray(Operation[]::new);
    }

    long configurations() {
        return configurations;
    }

    /// Looks for one order.
    Verdict run() {
        int after = NOTHING;
        while (left > 0) {
            if (isExhausted()) {
                return Verdict.UNDECIDED;
            }
            after = advance(after);
            if (after == STUCK) {
                return Verdict.VIOLATED;
            }
        }
        return Verdict.HOLDS;
    }

    /// Looks for all orders and returns how things may stand after them: nothing if there is none.
    ///
    /// @param most how many to return at most
    /// @return null if there are more, or the search was given up
    @Nullable Set<Configuration> ends(int most) {
        Set<Configuration> ends = new LinkedHashSet<>();
        // What comes later may tell.
        mayMerge = false;
        int after = NOTHING;
        while (true) {
            if (left == 0) {
                ends.add(
                        new Configuration(state, open(_ -> true), open(hiding::mayBeDoneAtTheEnd)));
                after = undo();
                if (after == NOTHING) {
                    return ends;
                }
            }
            if (ends.size() > most || isExhausted()) {
                return null;
            }
            after = advance(after);
            if (after == STUCK) {
                return ends;
            }
        }
    }

    private List<Operation> open(IntPredicate which) {
        List<Operation> open = new ArrayList<>();
        for (int i = required; i < operations.length; i++) {
            if (!sessions.isDecided(i) && !sessions.hasMissed(i) && which.test(i)) {
                open.add(operations[i]);
            }
        }
        return open;
    }

    private boolean isExhausted() {
        return configurations > mostConfigurations
                || stateNumbers.size()
                        > Math.max(SOME_STATES, mostConfigurations / CONFIGURATIONS_A_STATE);
    }

    /// One decision, or one back.
    ///
    /// @param after what was tried here last, or [#NOTHING]
    /// @return what to call this with next, or [#STUCK] if everything was tried
    private int advance(int after) {
        if (choose(after)) {
            return NOTHING;
        }
        int undone = undo();
        return undone == NOTHING ? STUCK : undone;
    }

    /// Puts one more operation into the order, if any fits.
    ///
    /// @param after what was tried here last, or [#NOTHING]
    private boolean choose(int after) {
        int tried = after;
        int first = events.firstReturn();
        long bound = operations[first].returnedAt();
        if (after == NOTHING) {
            int harmless = findHarmless(bound);
            if (harmless != NOTHING) {
                return decide(harmless, state, bound);
            }
            if (hiding.mayBeDone(first) && hide(first)) {
                return true;
            }
            if (mayMerge && demand.isIndifferent(state)) {
                int free = findFree(demand.isAnyPicky() ? first : NOTHING);
                if (free != NOTHING && decideFree(free, bound)) {
                    return true;
                }
            }
        } else if (after >= FREE) {
            tried = NOTHING;
        }
        int unread = firstUnread();
        if (tried < required) {
            for (int candidate = nextToReturn(tried);
                    candidate != NOTHING;
                    candidate = nextToReturn(candidate)) {
                if (!isAsGoodAs(candidate, unread) && tryOne(candidate, bound)) {
                    return true;
                }
            }
        }
        for (int candidate = Math.max(required, tried + 1);
                candidate < operations.length;
                candidate++) {
            if (operations[candidate].invokedAt() <= bound) {
                if (!hasTwin(candidate, bound) && tryOne(candidate, bound)) {
                    return true;
                }
            } else if (candidate >= firstUnknown) {
                break;
            }
        }
        return false;
    }

    private boolean tryOne(int candidate, long bound) {
        if (!sessions.allows(candidate)
                || hiding.isPointless(candidate, mayMerge && isUnread(candidate))) {
            return false;
        }
        Object next = model.step(state, operations[candidate]);
        return next != null && decide(candidate, next, bound);
    }

    /// An operation that fits now, can never change anything and keeps nobody from coming first:
    /// if there is an order, there is one that has it here, so that no alternative need be tried.
    private int findHarmless(long bound) {
        for (int candidate = events.firstInvocation();
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            if (isHarmless(candidate)) {
                return candidate;
            }
        }
        for (int candidate = required; candidate < firstUnknown; candidate++) {
            if (operations[candidate].invokedAt() <= bound && isHarmless(candidate)) {
                return candidate;
            }
        }
        return NOTHING;
    }

    /// A blind write that can take effect where nobody cares for the state, and leaves one that
    /// nobody cares for, once those have seen it that can do so at once. It is a good choice, and
    /// there is no better one if no undecided operation is picky.
    ///
    /// @param onlyUnread of those that nobody sees, only this one; [#NOTHING] for any
    private int findFree(int onlyUnread) {
        for (int candidate = events.firstInvocation();
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            if (hiding.isHideable(candidate)
                    && demand.tellersOf(candidate) == readersAtOnce(candidate)
                    && (onlyUnread == NOTHING
                            || onlyUnread == candidate
                            || demand.tellersOf(candidate) > 0)) {
                return candidate;
            }
        }
        return NOTHING;
    }

    private int readersAtOnce(int writer) {
        if (demand.tellersOf(writer) == 0) {
            return 0;
        }
        int readers = 0;
        for (int candidate = events.firstInvocation();
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            if (readOnly[candidate]
                    && demand.isSeenBy(writer, candidate)
                    && sessions.isFree(candidate)) {
                readers++;
            }
        }
        return readers;
    }

    private boolean decideFree(int candidate, long bound) {
        Object next = model.step(state, operations[candidate]);
        if (next == null) {
            throw new IllegalStateException("a blind write that does not fit: " + candidate);
        }
        if (!decide(candidate, next, bound)) {
            return false;
        }
        forced[depth - 1] = !demand.isAnyPicky();
        if (forced[depth - 1]) {
            hiding.needNotBeSeen();
        } else {
            decided[depth - 1] += FREE;
        }
        return true;
    }

    /// Of the blind writes that nobody sees, any of which is as good as another, the one that
    /// returns first.
    private int firstUnread() {
        int best = NOTHING;
        for (int candidate = mayMerge ? events.firstInvocation() : NOTHING;
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            if (isUnread(candidate)
                    && (best == NOTHING
                            || events.orderOfReturn(candidate) < events.orderOfReturn(best))) {
                best = candidate;
            }
        }
        return best;
    }

    private boolean isUnread(int candidate) {
        return hiding.isHideable(candidate) && demand.tellersOf(candidate) == 0;
    }

    private boolean isAsGoodAs(int candidate, int unread) {
        return unread != NOTHING && candidate != unread && isUnread(candidate);
    }

    private boolean isHarmless(int candidate) {
        return readOnly[candidate]
                && sessions.allows(candidate)
                && sessions.hasNoUnknownBefore(candidate)
                && model.step(state, operations[candidate]) != null;
    }

    /// Of the required operations that may be next, the one that returns next after `after`: what
    /// returns soon has little choice left, so it is tried first.
    private int nextToReturn(int after) {
        int least = after == NOTHING ? -1 : events.orderOfReturn(after);
        int best = NOTHING;
        for (int candidate = events.firstInvocation();
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            int order = events.orderOfReturn(candidate);
            if (order > least && (best == NOTHING || order < events.orderOfReturn(best))) {
                best = candidate;
            }
        }
        return best;
    }

    /// An earlier operation that nobody could tell from `candidate` is tried instead of it.
    private boolean hasTwin(int candidate, long bound) {
        int twin = sessions.twinOf(candidate);
        return twin >= 0 && !sessions.isDecided(twin) && operations[twin].invokedAt() <= bound;
    }

    private boolean decide(int candidate, Object next, long bound) {
        if (!operations[candidate].isComplete()
                && next.equals(state)
                && !hiding.isBlind(candidate)) {
            // Without an effect now it had better wait.
            return false;
        }
        boolean isUnread = mayMerge && isUnread(candidate);
        enter(candidate);
        hiding.decide(depth, candidate, bound, isUnread);
        return isNew(candidate, candidate, next);
    }

    /// Counts a blind write as done unseen, before a decision that was taken already.
    private boolean hide(int candidate) {
        enter(candidate);
        hiding.hide(
                depth, left == 0 ? Long.MAX_VALUE : operations[events.firstReturn()].returnedAt());
        return isNew(candidate, candidate + HIDDEN, state);
    }

    private void enter(int operation) {
        sessions.decide(operation);
        demand.decide(operation);
        hashHigh ^= Seen.mix(2L * operation + 1);
        hashLow ^= Seen.mix(~(2L * operation));
        if (operation < required) {
            events.lift(operation);
            left--;
        }
    }

    private void leave(int operation) {
        hashHigh ^= Seen.mix(2L * operation + 1);
        hashLow ^= Seen.mix(~(2L * operation));
        hiding.undo(depth);
        demand.undo(operation);
        sessions.undo(operation);
        if (operation < required) {
            events.putBack(operation);
            left++;
        }
    }

    /// Keeps a decision unless it leads where nothing can come of it.
    private boolean isNew(int operation, int decision, Object next) {
        configurations++;
        if (demand.isBeyondReach(operation, state, next)
                || !seen.add(hashHigh, hashLow, numberOf(next), hidingMark())) {
            leave(operation);
            return false;
        }
        decided[depth] = decision;
        stateBefore[depth] = state;
        forced[depth] =
                decision == operation
                        && readOnly[operation]
                        && sessions.hasNoUnknownBefore(operation);
        depth++;
        state = next;
        return true;
    }

    /// Tells apart which of the undecided operations may be counted as done.
    private long hidingMark() {
        if (!hiding.isAny()) {
            return 0;
        }
        long mark = Long.MIN_VALUE;
        for (int candidate = events.firstInvocation();
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            mark = hiding.mark(mark, candidate);
        }
        for (int candidate = required; candidate < firstUnknown; candidate++) {
            mark = sessions.isDecided(candidate) ? mark : hiding.mark(mark, candidate);
        }
        return Seen.mix(mark) + hiding.slack();
    }

    private int numberOf(Object anyState) {
        if (mayMerge && demand.isIndifferent(anyState)) {
            return NOTHING;
        }
        Integer number = stateNumbers.putIfAbsent(anyState, stateNumbers.size());
        return number != null ? number : stateNumbers.size() - 1;
    }

    /// Takes the last decision back that had an alternative; returns it, or [#NOTHING].
    private int undo() {
        while (depth > 0) {
            depth--;
            int decision = decided[depth];
            int operation = decision & (FREE - 1);
            state = stateBefore[depth];
            leave(operation);
            if (!forced[depth]) {
                return decision;
            }
        }
        return NOTHING;
    }
}
