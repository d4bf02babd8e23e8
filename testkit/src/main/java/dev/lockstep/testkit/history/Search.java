package dev.lockstep.testkit.history;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One search through the orders of one key's operations.
///
/// The complete operations stand in a linked list of events, an invocation and a return each, by
/// time. What may come next is whatever was invoked before the first return in the list. An
/// operation put into the order is lifted out of the list; when the first return is reached and
/// nothing fits, the last decision is undone. Operations with unknown results wait apart and are
/// tried last: most of them are explained best by never having taken effect.
final class Search {

    /// How many operations of a window are printed on either side.
    private static final int SHOWN = 12;

    private static final int NOTHING = -1;

    private final SequentialModel model;
    private final long mostConfigurations;
    private final Operation[] operations;

    /// Complete operations come first; from here on results are unknown.
    private final int complete;

    private final Events events;
    private final SessionOrder sessions;
    private final Seen seen = new Seen();
    private final Map<Object, Integer> stateNumbers = new HashMap<>();

    /// Decisions so far: the operations in the order tried, with the states before them.
    private final int[] decided;

    private final Object[] stateBefore;

    private final boolean[] readOnly;

    /// True where no alternative needs to be tried: see [#findHarmless].
    private final boolean[] forced;

    private int depth;
    private int left;
    private long hashHigh;
    private long hashLow;
    private Object state;
    private long configurations;

    /// The operation whose return is the furthest that no order got past, and how things stood.
    private int culprit = NOTHING;

    private int culpritOrder = NOTHING;
    private int[] lastDecided = {};
    private int[] candidatesWhenStuck = {};
    private Object stateWhenStuck;

    Search(SequentialModel model, List<Operation> history, long mostConfigurations) {
        this.model = model;
        this.mostConfigurations = mostConfigurations;
        this.operations = history.toArray(new Operation[0]);
        // Ties of the clock count as overlap in real time, and keep their order in a session.
        Arrays.sort(
                operations,
                Comparator.comparing((Operation operation) -> !operation.isComplete())
                        .thenComparingLong(Operation::invokedAt));
        int known = 0;
        while (known < operations.length && operations[known].isComplete()) {
            known++;
        }
        this.complete = known;
        this.left = known;
        this.events = new Events(operations, known);
        this.sessions = new SessionOrder(operations, history);
        this.decided = new int[operations.length];
        this.stateBefore = new Object[operations.length];
        this.forced = new boolean[operations.length];
        this.readOnly = new boolean[operations.length];
        for (int i = 0; i < complete; i++) {
            readOnly[i] = model.isReadOnly(operations[i]);
        }
        this.state = model.initial();
        this.stateWhenStuck = state;
    }

    long configurations() {
        return configurations;
    }

    Linearizability run() {
        String key = operations.length == 0 ? "" : operations[0].key();
        int after = NOTHING;
        while (left > 0) {
            if (configurations > mostConfigurations) {
                return new Linearizability.Undecided(key, configurations);
            }
            if (choose(after)) {
                after = NOTHING;
                continue;
            }
            noteStuck();
            after = undo();
            if (after == NOTHING) {
                return new Linearizability.Violated(key, operations[culprit], window());
            }
        }
        return new Linearizability.Holds(operations.length, configurations);
    }

    /// Puts one more operation into the order, if any fits.
    ///
    /// @param after what was tried here last, or [#NOTHING]
    private boolean choose(int after) {
        if (after == NOTHING) {
            int harmless = findHarmless();
            if (harmless != NOTHING) {
                return decide(harmless, state);
            }
        }
        if (after < complete) {
            for (int candidate = nextToReturn(after);
                    candidate != NOTHING;
                    candidate = nextToReturn(candidate)) {
                if (tryOne(candidate)) {
                    return true;
                }
            }
        }
        long bound = operations[events.firstReturn()].returnedAt();
        for (int candidate = Math.max(complete, after + 1);
                candidate < operations.length && operations[candidate].invokedAt() <= bound;
                candidate++) {
            if (!hasTwin(candidate, bound) && tryOne(candidate)) {
                return true;
            }
        }
        return false;
    }

    private boolean tryOne(int candidate) {
        if (!sessions.allows(candidate)) {
            return false;
        }
        Object next = model.step(state, operations[candidate]);
        return next != null && decide(candidate, next);
    }

    /// An operation that fits now, can never change anything and keeps nobody from coming first:
    /// if there is an order, there is one that has it here, so that no alternative need be tried.
    private int findHarmless() {
        for (int candidate = events.firstInvocation();
                candidate != NOTHING;
                candidate = events.invocationAfter(candidate)) {
            if (readOnly[candidate]
                    && sessions.allows(candidate)
                    && sessions.hasNoUnknownBefore(candidate)
                    && model.step(state, operations[candidate]) != null) {
                return candidate;
            }
        }
        return NOTHING;
    }

    /// Of the complete operations that may be next, the one that returns next after `after`: what
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

    private boolean decide(int candidate, Object next) {
        boolean known = candidate < complete;
        if (!known && next.equals(state)) {
            // Without an effect now it had better wait.
            return false;
        }
        long high = hashHigh ^ Seen.mix(2L * candidate + 1);
        long low = hashLow ^ Seen.mix(~(2L * candidate));
        configurations++;
        if (!seen.add(high, low, numberOf(next))) {
            return false;
        }
        decided[depth] = candidate;
        stateBefore[depth] = state;
        forced[depth] = readOnly[candidate] && sessions.hasNoUnknownBefore(candidate);
        depth++;
        hashHigh = high;
        hashLow = low;
        state = next;
        sessions.decide(candidate);
        if (known) {
            events.lift(candidate);
            left--;
        }
        return true;
    }

    private int numberOf(Object anyState) {
        Integer number = stateNumbers.putIfAbsent(anyState, stateNumbers.size());
        return number != null ? number : stateNumbers.size() - 1;
    }

    /// Takes the last decision back that had an alternative; returns it, or [#NOTHING].
    private int undo() {
        while (depth > 0) {
            depth--;
            int operation = decided[depth];
            state = stateBefore[depth];
            hashHigh ^= Seen.mix(2L * operation + 1);
            hashLow ^= Seen.mix(~(2L * operation));
            sessions.undo(operation);
            if (operation < complete) {
                events.putBack(operation);
                left++;
            }
            if (!forced[depth]) {
                return operation;
            }
        }
        return NOTHING;
    }

    /// Remembers the furthest return that no order gets past.
    private void noteStuck() {
        int stuck = events.firstReturn();
        int order = events.orderOfReturn(stuck);
        if (order > culpritOrder) {
            culpritOrder = order;
            culprit = stuck;
            lastDecided = Arrays.copyOfRange(decided, Math.max(0, depth - SHOWN), depth);
            stateWhenStuck = state;
            candidatesWhenStuck = candidates(operations[stuck].returnedAt());
        }
    }

    private int[] candidates(long bound) {
        int[] found = new int[SHOWN];
        int count = 0;
        for (int candidate = events.firstInvocation();
                candidate != NOTHING && count < SHOWN;
                candidate = events.invocationAfter(candidate)) {
            found[count++] = candidate;
        }
        for (int candidate = complete;
                candidate < operations.length
                        && operations[candidate].invokedAt() <= bound
                        && count < SHOWN;
                candidate++) {
            if (!sessions.isDecided(candidate)) {
                found[count++] = candidate;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private String window() {
        StringBuilder text = new StringBuilder();
        text.append("no order explains ").append(operations[culprit]).append("\n");
        text.append("  the best order so far ends with\n");
        for (int operation : lastDecided) {
            text.append("    ").append(operations[operation]).append("\n");
        }
        text.append("  which leaves ").append(stateWhenStuck);
        text.append("; then one of these must come\n");
        for (int operation : candidatesWhenStuck) {
            text.append("    ").append(operations[operation]).append("\n");
        }
        return text.toString();
    }

    /// Configurations that were reached before, as hashes in an open table.
    private static final class Seen {
        private long[] table = new long[2 * 1024];
        private int size;

        /// SplitMix64's finisher.
        static long mix(long value) {
            long z = value * 0x9e3779b97f4a7c15L;
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            return z ^ (z >>> 31);
        }

        boolean add(long high, long low, int stateNumber) {
            if (4 * size > table.length) {
                grow();
            }
            long first = high ^ mix(0x1234567L + stateNumber);
            long second = low ^ mix(0x7654321L - stateNumber);
            boolean added = put(table, first == 0 && second == 0 ? 1 : first, second);
            size += added ? 1 : 0;
            return added;
        }

        private void grow() {
            long[] larger = new long[2 * table.length];
            for (int i = 0; i < table.length; i += 2) {
                if (table[i] != 0 || table[i + 1] != 0) {
                    put(larger, table[i], table[i + 1]);
                }
            }
            table = larger;
        }

        private static boolean put(long[] table, long first, long second) {
            int mask = table.length - 1;
            int at = (int) (first * 2) & mask;
            while (table[at] != 0 || table[at + 1] != 0) {
                if (table[at] == first && table[at + 1] == second) {
                    return false;
                }
                at = (at + 2) & mask;
            }
            table[at] = first;
            table[at + 1] = second;
            return true;
        }
    }
}
