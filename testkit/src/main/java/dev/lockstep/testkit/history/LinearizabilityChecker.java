package dev.lockstep.testkit.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Decides whether a history is linearizable: whether every operation can be given one moment
/// between its invocation and its return, such that the sequential model explains all results
/// (Herlihy and Wing 1990).
///
/// Keys are judged one by one (linearizability is a local property; Horn and Kroening 2015), each
/// with Wing and Gong's search as Lowe (2017) has it: candidates in a linked list, configurations
/// remembered. Operations of one session must also take effect in the order of their invocation,
/// even where they overlap.
///
/// Configurations are remembered by 128-bit hashes: two different ones are confused with a chance
/// of 2⁻¹²⁸ each.
///
/// Threading: immutable, any thread.
public final class LinearizabilityChecker {

    /// How many configurations of one key are looked at before the search is given up; it takes up
    /// to about half a GiB by then.
    public static final long DEFAULT_CONFIGURATIONS = 10_000_000;

    private final SequentialModel model;
    private final long mostConfigurations;

    /// A checker for histories of `model` that gives a key up after [#DEFAULT_CONFIGURATIONS].
    public LinearizabilityChecker(SequentialModel model) {
        this(model, DEFAULT_CONFIGURATIONS);
    }

    /// A checker that gives a key up after `mostConfigurations`.
    public LinearizabilityChecker(SequentialModel model, long mostConfigurations) {
        this.model = model;
        this.mostConfigurations = mostConfigurations;
    }

    /// Judges a history. Its order matters only between operations of one session that were invoked
    /// at the same time.
    ///
    /// @throws IllegalArgumentException if the model has no such operation
    public Linearizability check(Collection<Operation> history) {
        Map<String, List<Operation>> byKey = new TreeMap<>();
        for (Operation operation : history) {
            byKey.computeIfAbsent(operation.key(), _ -> new ArrayList<>()).add(operation);
        }
        long configurations = 0;
        Linearizability verdict = new Linearizability.Holds(history.size(), 0);
        for (List<Operation> operations : byKey.values()) {
            List<Operation> contradiction = Zones.contradiction(model, operations);
            if (!contradiction.isEmpty()) {
                verdict = worse(verdict, violated(operations, contradiction));
                continue;
            }
            Search search = new Search(model, operations, mostConfigurations);
            Linearizability ofKey =
                    switch (search.run()) {
                        case HOLDS -> new Linearizability.Holds(operations.size(), 0);
                        case UNDECIDED ->
                                new Linearizability.Undecided(
                                        operations.getFirst().key(), search.configurations());
                        case VIOLATED -> violated(operations, List.of());
                    };
            configurations += search.configurations();
            verdict = worse(verdict, ofKey);
        }
        return verdict.holds()
                ? new Linearizability.Holds(history.size(), configurations)
                : verdict;
    }

    private Linearizability violated(List<Operation> operations, List<Operation> contradiction) {
        return new Linearizability.Violated(
                new WindowFinder(model, operations, contradiction, mostConfigurations).find());
    }

    /// The violation that shows first, before what is undecided, before what holds.
    private static Linearizability worse(Linearizability one, Linearizability other) {
        return switch (other) {
            case Linearizability.Holds _ -> one;
            case Linearizability.Undecided _ -> one.holds() ? other : one;
            case Linearizability.Violated later ->
                    one instanceof Linearizability.Violated earlier
                                    && earlier.culprit().returnedAt()
                                            <= later.culprit().returnedAt()
                            ? one
                            : other;
        };
    }
}
