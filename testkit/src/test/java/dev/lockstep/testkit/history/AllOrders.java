package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.List;

/// The definition of linearizability carried out word by word: tries every order of every choice of
/// the operations with unknown results. For a handful of operations.
final class AllOrders {

    private AllOrders() {}

    static boolean explain(SequentialModel model, List<Operation> history) {
        return extend(model, model.initial(), history, new ArrayList<>());
    }

    private static boolean extend(
            SequentialModel model, Object state, List<Operation> history, List<Operation> order) {
        if (history.stream()
                .allMatch(operation -> contains(order, operation) || !operation.isComplete())) {
            return true;
        }
        for (Operation next : history) {
            if (contains(order, next) || !mayFollow(next, history, order)) {
                continue;
            }
            Object after = model.step(state, next);
            if (after != null) {
                order.add(next);
                boolean found = extend(model, after, history, order);
                order.removeLast();
                if (found) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean mayFollow(
            Operation next, List<Operation> history, List<Operation> order) {
        for (int i = 0; i < history.size(); i++) {
            Operation other = history.get(i);
            boolean placed = contains(order, other);
            boolean mustComeFirst =
                    other.returnedAt() < next.invokedAt()
                            || (sameSession(other, next)
                                    && issuedBefore(other, next, history)
                                    && other.isComplete());
            boolean mustComeLater = sameSession(other, next) && issuedBefore(next, other, history);
            if ((!placed && mustComeFirst) || (placed && mustComeLater)) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // Equal operations may be recorded twice.
    private static boolean sameSession(Operation one, Operation other) {
        return one != other && one.session() != 0 && one.session() == other.session();
    }

    private static boolean issuedBefore(Operation one, Operation other, List<Operation> history) {
        return one.invokedAt() != other.invokedAt()
                ? one.invokedAt() < other.invokedAt()
                : indexOf(history, one) < indexOf(history, other);
    }

    @SuppressWarnings("ReferenceEquality") // Equal operations may be recorded twice.
    private static int indexOf(List<Operation> history, Operation operation) {
        for (int i = 0; i < history.size(); i++) {
            if (history.get(i) == operation) {
                return i;
            }
        }
        return -1;
    }

    private static boolean contains(List<Operation> order, Operation operation) {
        return indexOf(order, operation) >= 0;
    }
}
