package dev.lockstep.testkit.history;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Asks many times over whether a few operations can be ordered, with ever fewer that must be.
///
/// Sets of operations are the bits of a number. One that need not be in the order may be left out,
/// but if it takes effect then between its invocation and its return, with the result that it had.
final class SmallSearch {

    /// How many operations there may be.
    static final int MOST = 64;

    private static final int MOST_VISITED = 200_000;

    private final SequentialModel model;
    private final List<Operation> operations;
    private final List<Configuration> starts;

    /// Of each operation, those that cannot come later, and those that cannot come earlier.
    private final long[] before;

    private final long[] after;
    private final Set<Visited> visited = new HashSet<>();

    private record Visited(long done, Object state) {}

    /// @param operations by invocation, those of one session as they were recorded
    /// @param starts how things may stand at first
    SmallSearch(SequentialModel model, List<Operation> operations, List<Configuration> starts) {
        this.model = model;
        this.operations = operations;
        this.starts = starts;
        int count = operations.size();
        before = new long[count];
        after = new long[count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                if (precedes(i, j)) {
                    before[j] |= 1L << i;
                    after[i] |= 1L << j;
                }
            }
        }
    }

    private boolean precedes(int one, int other) {
        Operation first = operations.get(one);
        Operation second = operations.get(other);
        return first.returnedAt() < second.invokedAt()
                || (one < other && first.session() != 0 && first.session() == second.session());
    }

    /// Those that had returned at `moment`.
    long returnedBy(long moment) {
        long returned = 0;
        for (int i = 0; i < operations.size(); i++) {
            returned |= operations.get(i).returnedAt() <= moment ? 1L << i : 0;
        }
        return returned;
    }

    /// True if it is certain that no order has all of `required`, wherever it starts.
    boolean isImpossible(long required) {
        for (Configuration start : starts) {
            visited.clear();
            long done = doneAt(start);
            long must = required & ~bitsOf(start.hidden());
            if (isPossible(done, must, start.state()) || visited.size() > MOST_VISITED) {
                return false;
            }
        }
        return true;
    }

    /// What was invoked before the start and is not open there has taken effect, or never will.
    private long doneAt(Configuration start) {
        long done = 0;
        for (Configuration any : starts) {
            done |= bitsOf(any.open());
        }
        return done & ~bitsOf(start.open());
    }

    @SuppressWarnings("ReferenceEquality") // Equal operations may be recorded twice.
    private long bitsOf(List<Operation> some) {
        long bits = 0;
        for (Operation operation : some) {
            for (int i = 0; i < operations.size(); i++) {
                bits |= operations.get(i) == operation ? 1L << i : 0;
            }
        }
        return bits;
    }

    private boolean isPossible(long done, long required, Object state) {
        if ((required & ~done) == 0) {
            return true;
        }
        if (visited.size() > MOST_VISITED || !visited.add(new Visited(done, state))) {
            return false;
        }
        for (int i = 0; i < operations.size(); i++) {
            long bit = 1L << i;
            if ((done & (bit | after[i])) != 0 || (before[i] & required & ~done) != 0) {
                continue;
            }
            Object next = model.step(state, operations.get(i));
            if (next != null && isPossible(done | bit, required, next)) {
                return true;
            }
        }
        return false;
    }
}
