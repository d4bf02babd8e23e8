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

    /// True where no alternative needs to be tried: the operation changed nothing.
    private final boolean[] forced;

    private int depth;
    private int left;
    private long hashHigh;
    private long hashLow;
    private Object state;
    private long configurations;

    private int culprit = -1;
    private int culpritOrder = -1;
    private String window = "";

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
        this.state = model.initial();
    }

    long configurations() {
        return configurations;
    }

    Linearizability run() {
        String key = operations.length == 0 ? "" : operations[0].key();
        int from = firstCandidate();
        while (left > 0) {
            if (configurations > mostConfigurations) {
                return new Linearizability.Undecided(key, configurations);
            }
            int chosen = choose(from);
            if (chosen >= 0) {
                from = firstCandidate();
                continue;
            }
            noteStuck();
            int undone = undo();
            if (undone < 0) {
                return new Linearizability.Violated(key, operations[culprit], window);
            }
            from = nextCandidate(undone);
        }
        return new Linearizability.Holds(operations.length, configurations);
    }

    // Candidates are numbered like operations. Complete ones come in the order of the list up to
    // its first return, then those with unknown results.

    private int firstCandidate() {
        int first = events.firstInvocation();
        return first >= 0 ? first : complete;
    }

    private int nextCandidate(int candidate) {
        if (candidate >= complete) {
            return candidate + 1;
        }
        int next = events.invocationAfter(candidate);
        return next >= 0 ? next : complete;
    }

    /// Puts the first candidate from `from` on that fits into the order, and returns it or -1.
    private int choose(int from) {
        long bound = operations[events.firstReturn()].returnedAt();
        for (int candidate = from; candidate < operations.length; ) {
            boolean known = candidate < complete;
            if (!known && operations[candidate].invokedAt() > bound) {
                return -1;
            }
            if (sessions.allows(candidate) && (known || !hasTwin(candidate, bound))) {
                Object next = model.step(state, operations[candidate]);
                if (next != null && decide(candidate, known, next)) {
                    return candidate;
                }
            }
            candidate = nextCandidate(candidate);
        }
        return -1;
    }

    /// An earlier operation that nobody could tell from `candidate` is tried instead of it.
    private boolean hasTwin(int candidate, long bound) {
        int twin = sessions.twinOf(candidate);
        return twin >= 0 && !sessions.isDecided(twin) && operations[twin].invokedAt() <= bound;
    }

    private boolean decide(int candidate, boolean known, Object next) {
        boolean changesNothing = next.equals(state);
        if (changesNothing && !known) {
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
        forced[depth] = changesNothing && sessions.hasNoUnknownBefore(candidate);
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

    /// Takes the last decision back that had an alternative; returns it, or -1 if there is none.
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
        return -1;
    }

    /// Remembers the furthest return that no order gets past.
    private void noteStuck() {
        int stuck = events.firstReturn();
        int order = events.orderOfReturn(stuck);
        if (order > culpritOrder) {
            culpritOrder = order;
            culprit = stuck;
            window = describe(stuck);
        }
    }

    private String describe(int stuck) {
        StringBuilder text = new StringBuilder();
        text.append("no order explains ").append(operations[stuck]).append("\n");
        text.append("  the best order so far ends with\n");
        for (int i = Math.max(0, depth - SHOWN); i < depth; i++) {
            text.append("    ").append(operations[decided[i]]).append("\n");
        }
        text.append("  which leaves ").append(state).append("; then one of these must come\n");
        long bound = operations[stuck].returnedAt();
        int shown = 0;
        for (int i = firstCandidate();
                i < operations.length && shown < SHOWN;
                i = nextCandidate(i)) {
            if (!sessions.isDecided(i) && operations[i].invokedAt() <= bound) {
                text.append("    ").append(operations[i]).append("\n");
                shown++;
            }
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
