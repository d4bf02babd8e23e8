package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// Which states the undecided operations still need, and which they can bring about.
///
/// A state that is needed and that nobody can bring about again must not be left; what alone can
/// bring it about must not be counted as done unseen. With unique writes this leaves the search
/// next to no choice (the clusters of Gibbons and Korach 1997).
final class Demand {

    private static final int NONE = -1;

    private final Map<Object, Integer> numbers = new HashMap<>();
    private final int required;
    private final int[] needs;
    private final int[] leaves;

    /// True where an operation may leave a state that nobody can tell in advance.
    private final boolean[] isWild;

    /// By the state's number: how many undecided operations need it, and how many may leave it.
    private final int[] needed;

    private final int[] left;
    private int wild;

    /// By the operation: the states that it distinguishes.
    private final int[][] told;

    /// By the state's number: how many undecided operations distinguish it.
    private final int[] tellers;

    /// Operations that can return what they returned in most states but not in some.
    private final boolean[] isPicky;

    private int picky;

    /// False if some operation may distinguish any state.
    private boolean isUniform = true;

    /// @param required how many of the operations, from the first on, must be ordered; what the
    /// others
    ///     need may be brought about by operations that are not here
    Demand(SequentialModel model, Operation[] operations, int required) {
        this.required = required;
        int count = operations.length;
        needs = new int[count];
        leaves = new int[count];
        isWild = new boolean[count];
        told = new int[count][];
        isPicky = new boolean[count];
        Arrays.fill(needs, NONE);
        Arrays.fill(leaves, NONE);
        for (int i = 0; i < count; i++) {
            Operation operation = operations[i];
            Object need = operation.isComplete() ? model.needs(operation) : null;
            needs[i] = need == null ? NONE : number(need);
            if (!operation.isComplete() || !model.isReadOnly(operation)) {
                Object leave = model.leaves(operation);
                leaves[i] = leave == null ? NONE : number(leave);
                isWild[i] = leave == null;
            }
            told[i] = told(model.distinguishes(operation));
            isPicky[i] = told[i].length > (needs[i] == NONE ? 0 : 1);
        }
        needed = new int[numbers.size()];
        left = new int[numbers.size()];
        tellers = new int[numbers.size()];
        for (int i = 0; i < count; i++) {
            count(i, 1);
        }
    }

    private int[] told(@Nullable Collection<?> states) {
        if (states == null) {
            isUniform = false;
            return new int[0];
        }
        return states.stream().mapToInt(this::number).toArray();
    }

    private int number(Object state) {
        Integer number = numbers.putIfAbsent(state, numbers.size());
        return number != null ? number : numbers.size() - 1;
    }

    private void count(int operation, int by) {
        if (needs[operation] != NONE && operation < required) {
            needed[needs[operation]] += by;
        }
        if (leaves[operation] != NONE) {
            left[leaves[operation]] += by;
        }
        wild += isWild[operation] ? by : 0;
        picky += isPicky[operation] ? by : 0;
        for (int state : told[operation]) {
            tellers[state] += by;
        }
    }

    void decide(int operation) {
        count(operation, -1);
    }

    void undo(int operation) {
        count(operation, 1);
    }

    /// True if, after `operation` was decided, a state is needed that cannot come any more.
    ///
    /// @param before the state before `operation`, `after` the one after it
    boolean isBeyondReach(int operation, Object before, Object after) {
        if (wild > 0) {
            return false;
        }
        Integer current = numbers.get(after);
        int now = current == null ? NONE : current;
        Integer former = after.equals(before) ? current : numbers.get(before);
        return (former != null && former != now && isMissing(former))
                || (leaves[operation] != NONE
                        && leaves[operation] != now
                        && isMissing(leaves[operation]));
    }

    boolean isUniform() {
        return isUniform;
    }

    /// True if no undecided operation could tell `state` from another one that none could tell.
    boolean isIndifferent(Object state) {
        Integer number = isUniform ? numbers.get(state) : null;
        return isUniform && (number == null || tellers[number] == 0);
    }

    /// True if for some undecided operation the state must not be a certain one. Then whatever
    /// leaves another state is worth keeping.
    boolean isAnyPicky() {
        return picky > 0;
    }

    /// How many undecided operations tell what `operation` leaves from other states.
    int tellersOf(int operation) {
        return leaves[operation] == NONE ? 0 : tellers[leaves[operation]];
    }

    /// True if `reader` can return what it returned only in the state that `writer` leaves.
    boolean isSeenBy(int writer, int reader) {
        return leaves[writer] != NONE && leaves[writer] == needs[reader];
    }

    private boolean isMissing(int state) {
        return needed[state] > 0 && left[state] == 0;
    }
}
