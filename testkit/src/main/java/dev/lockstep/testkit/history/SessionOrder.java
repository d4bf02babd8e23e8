package dev.lockstep.testkit.history;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Which operations have been put into the order, and which may be next as far as their sessions
/// are concerned.
///
/// A complete operation waits for the complete ones before it in its session. One with an unknown
/// result may be left out, but has missed its chance once a later one of its session took effect.
final class SessionOrder {

    private static final int NONE = -1;

    private final boolean[] decided;

    /// The complete operation before each in its session.
    private final int[] completeBefore;

    /// The operation of whatever result before each in its session.
    private final int[] before;

    /// The one after it.
    private final int[] after;

    private final int[] twin;
    private final Operation[] operations;

    /// @param operations in the order in which they are numbered
    /// @param recorded the same as they were recorded, which decides between equal times
    SessionOrder(SequentialModel model, Operation[] operations, List<Operation> recorded) {
        this.operations = operations;
        int count = operations.length;
        decided = new boolean[count];
        completeBefore = filled(count);
        before = filled(count);
        after = filled(count);
        twin = filled(count);
        link(recorded);
        findTwins(model.tellsSessionsApart());
    }

    private static int[] filled(int count) {
        int[] none = new int[count];
        Arrays.fill(none, NONE);
        return none;
    }

    private void link(List<Operation> recorded) {
        IdentityHashMap<Operation, Integer> numbers = new IdentityHashMap<>();
        for (int i = 0; i < operations.length; i++) {
            numbers.put(operations[i], i);
        }
        Operation[] byInvocation = recorded.toArray(new Operation[0]);
        Arrays.sort(byInvocation, Comparator.comparingLong(Operation::invokedAt));
        Map<Long, Integer> last = new HashMap<>();
        Map<Long, Integer> lastComplete = new HashMap<>();
        for (Operation operation : byInvocation) {
            if (operation.session() == 0) {
                continue;
            }
            int number = Objects.requireNonNull(numbers.get(operation));
            before[number] = unlessPast(last.getOrDefault(operation.session(), NONE), operation);
            if (before[number] != NONE) {
                after[before[number]] = number;
            }
            last.put(operation.session(), number);
            completeBefore[number] =
                    unlessPast(lastComplete.getOrDefault(operation.session(), NONE), operation);
            if (operation.isComplete()) {
                lastComplete.put(operation.session(), number);
            }
        }
    }

    /// `earlier`, unless it had returned when `operation` was invoked: then time alone orders them.
    private int unlessPast(int earlier, Operation operation) {
        return earlier != NONE && operations[earlier].returnedAt() < operation.invokedAt()
                ? NONE
                : earlier;
    }

    /// Two operations with unknown results are twins if they do the same and no later one of their
    /// sessions limits when.
    private void findTwins(boolean onlyWithinSessions) {
        Map<String, Integer> last = new HashMap<>();
        for (int i = 0; i < operations.length; i++) {
            Operation operation = operations[i];
            if (!operation.isComplete() && before[i] == NONE && after[i] == NONE) {
                String deed =
                        (onlyWithinSessions ? operation.session() : 0)
                                + "\t"
                                + operation.function()
                                + "\t"
                                + operation.argument();
                Integer earlier = last.put(deed, i);
                twin[i] = earlier == null ? NONE : earlier;
            }
        }
    }

    boolean isDecided(int operation) {
        return decided[operation];
    }

    /// True if `operation` may be the next in the order.
    boolean allows(int operation) {
        if (decided[operation]) {
            return false;
        }
        int wanted = completeBefore[operation];
        if (wanted != NONE && !decided[wanted]) {
            return false;
        }
        return !hasMissed(operation);
    }

    /// True if `operation` can never take effect any more, because a later one of its session has.
    boolean hasMissed(int operation) {
        for (int later = after[operation]; later != NONE; later = after[later]) {
            if (decided[later]) {
                return true;
            }
            if (operations[later].isComplete()) {
                // Those after it wait for it.
                break;
            }
        }
        return false;
    }

    /// True if no operation with an unknown result could still come before `operation` in its
    /// session.
    boolean hasNoUnknownBefore(int operation) {
        int earlier = before[operation];
        return earlier == NONE || operations[earlier].isComplete() || decided[earlier];
    }

    /// True if nothing but real time limits when `operation` takes effect.
    boolean isFree(int operation) {
        return before[operation] == NONE
                && after[operation] == NONE
                && completeBefore[operation] == NONE;
    }

    /// The closest earlier twin, or -1.
    int twinOf(int operation) {
        return twin[operation];
    }

    void decide(int operation) {
        decided[operation] = true;
    }

    void undo(int operation) {
        decided[operation] = false;
    }
}
