package dev.lockstep.testkit.history;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds plain contradictions without a search, in a time that sorting takes.
///
/// A state that is needed must be left by somebody. If only one operation ever leaves a state, then
/// it is there from the first return of those that
/// leave or need it to the last invocation of those that need it: its zone. Two zones that overlap
/// contradict each other, and so does an operation that is at odds with the state and lies within
/// its zone (Gibbons and Korach 1997, who show that for a register with unique writes there are no
/// other contradictions).
final class Zones {

    private final SequentialModel model;
    private final List<Operation> operations;
    private final Map<Object, Zone> zones = new HashMap<>();

    /// What one state is left and needed by.
    private static final class Zone {
        private int producers;
        private @Nullable Operation producer;
        private @Nullable Operation firstReturn;
        private @Nullable Operation lastInvoked;

        void returns(Operation operation) {
            if (firstReturn == null || operation.returnedAt() < firstReturn.returnedAt()) {
                firstReturn = operation;
            }
        }

        void isNeededBy(Operation operation) {
            returns(operation);
            if (lastInvoked == null || operation.invokedAt() > lastInvoked.invokedAt()) {
                lastInvoked = operation;
            }
        }

        long from() {
            return firstReturn == null ? Long.MAX_VALUE : firstReturn.returnedAt();
        }

        long to() {
            return lastInvoked == null ? Long.MIN_VALUE : lastInvoked.invokedAt();
        }

        boolean isForward() {
            return producers == 1 && from() < to();
        }

        void addTo(Set<Operation> contradiction) {
            for (Operation one : new Operation[] {producer, firstReturn, lastInvoked}) {
                if (one != null) {
                    contradiction.add(one);
                }
            }
        }
    }

    private Zones(SequentialModel model, List<Operation> operations) {
        this.model = model;
        this.operations = operations;
    }

    /// A few operations that contradict each other, in the order of invocation; none if there are
    /// none or they do not show.
    static List<Operation> contradiction(SequentialModel model, List<Operation> operations) {
        Zones zones = new Zones(model, operations);
        if (!zones.collect()) {
            return List.of();
        }
        List<Zone> forward =
                new ArrayList<>(zones.zones.values().stream().filter(Zone::isForward).toList());
        forward.sort(Comparator.comparingLong(Zone::from).thenComparingLong(Zone::to));
        Set<Operation> found = zones.withoutSource();
        if (found.isEmpty()) {
            found = overlapping(forward);
        }
        if (found.isEmpty()) {
            found = zones.within(forward);
        }
        List<Operation> contradiction = new ArrayList<>(found);
        contradiction.sort(Comparator.comparingLong(Operation::invokedAt));
        return contradiction;
    }

    /// @return false if somebody may leave any state
    private boolean collect() {
        for (Operation operation : operations) {
            Object need = operation.isComplete() ? model.needs(operation) : null;
            if (need != null) {
                zone(need).isNeededBy(operation);
            }
            if (!operation.isComplete() || !model.isReadOnly(operation)) {
                Object left = model.leaves(operation);
                if (left == null) {
                    return false;
                }
                Zone zone = zone(left);
                zone.producers++;
                zone.producer = operation;
                zone.returns(operation);
            }
        }
        zone(model.initial()).producers++;
        return true;
    }

    private Zone zone(Object state) {
        return zones.computeIfAbsent(state, _ -> new Zone());
    }

    /// Something needs what nobody ever leaves.
    private Set<Operation> withoutSource() {
        Set<Operation> contradiction = new LinkedHashSet<>();
        Operation first = null;
        for (Zone zone : zones.values()) {
            Operation needs = zone.firstReturn;
            if (zone.producers == 0
                    && needs != null
                    && (first == null || needs.returnedAt() < first.returnedAt())) {
                first = needs;
            }
        }
        if (first != null) {
            contradiction.add(first);
        }
        return contradiction;
    }

    private static Set<Operation> overlapping(List<Zone> byStart) {
        Set<Operation> contradiction = new LinkedHashSet<>();
        for (int i = 1; i < byStart.size() && contradiction.isEmpty(); i++) {
            if (byStart.get(i).from() < byStart.get(i - 1).to()) {
                byStart.get(i - 1).addTo(contradiction);
                byStart.get(i).addTo(contradiction);
            }
        }
        return contradiction;
    }

    /// Zones that do not overlap: every operation is looked at once.
    private Set<Operation> within(List<Zone> byStart) {
        List<Operation> byInvocation = new ArrayList<>(operations);
        byInvocation.sort(Comparator.comparingLong(Operation::invokedAt));
        Set<Operation> contradiction = new LinkedHashSet<>();
        int at = 0;
        for (Zone zone : byStart) {
            while (at < byInvocation.size()
                    && byInvocation.get(at).invokedAt() < zone.to()
                    && contradiction.isEmpty()) {
                Operation operation = byInvocation.get(at++);
                if (operation.invokedAt() > zone.from()
                        && operation.returnedAt() < zone.to()
                        && isAtOdds(operation, zone)) {
                    zone.addTo(contradiction);
                    contradiction.add(operation);
                }
            }
        }
        return contradiction;
    }

    private boolean isAtOdds(Operation operation, Zone zone) {
        Object need = model.needs(operation);
        boolean isReadOnly = model.isReadOnly(operation);
        Object left = isReadOnly ? need : model.leaves(operation);
        boolean isOther = left != null && zones.get(left) != zone;
        return isOther
                && (model.isBlindWrite(operation) || (need != null && zones.get(need) != zone));
    }
}
