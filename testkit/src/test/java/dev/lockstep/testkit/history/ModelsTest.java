package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// The checker on every model, against the definition carried out word by word.
class ModelsTest {

    private static final Map<HistoryModel, List<String>> MUTATIONS =
            Map.of(
                    HistoryModel.KV, List.of("stale read", "lost write", "reordered session"),
                    HistoryModel.REGISTER, List.of("stale read", "lost write", "reordered session"),
                    HistoryModel.COUNTER,
                            List.of("stale read", "double increment", "reordered session"),
                    HistoryModel.LOCK,
                            List.of(
                                    "lock held twice",
                                    "lock of another released",
                                    "reordered session"),
                    HistoryModel.LIST_APPEND,
                            List.of(
                                    "list element lost",
                                    "list reordered",
                                    "list element twice",
                                    "reordered session"));

    private static boolean holds(HistoryModel model, List<Operation> history) {
        return new LinearizabilityChecker(model.model()).check(history).holds();
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTryingAllOrders(HistoryModel model) {
        Random random = new Random(23);
        int good = 0;
        for (int round = 0; round < 40_000; round++) {
            List<Operation> history = Executions.arbitrary(model, 2 + random.nextInt(6), random);
            boolean expected = AllOrders.explain(model.model(), history);
            assertThat(holds(model, history)).as("%s", history).isEqualTo(expected);
            good += expected ? 1 : 0;
        }
        // Both answers were common.
        assertThat(good).isBetween(2_000, 38_000);
    }

    @ParameterizedTest
    @EnumSource
    void takesWhatIsLinearizableByConstruction(HistoryModel model) {
        for (int seed = 0; seed < 60; seed++) {
            Executions.Shape shape =
                    new Executions.Shape(400, 2 + seed % 7, 1 + seed % 3, seed % 4);
            Linearizability verdict =
                    new LinearizabilityChecker(model.model())
                            .check(Executions.of(model, shape, seed));
            assertThat(verdict.holds()).as("seed %d: %s", seed, verdict).isTrue();
        }
    }

    /// Many clients, few values: what the search leaves out must not be what was the case.
    @ParameterizedTest
    @EnumSource
    void takesManyShortHistoriesThatAreLinearizableByConstruction(HistoryModel model) {
        LinearizabilityChecker checker = new LinearizabilityChecker(model.model());
        SplittableRandom random = new SplittableRandom(9);
        for (int seed = 0; seed < 30_000; seed++) {
            Executions.Shape shape =
                    new Executions.Shape(
                            3 + random.nextInt(seed % 2 == 0 ? 12 : 50),
                            2 + random.nextInt(7),
                            1,
                            10 * random.nextInt(3),
                            2 * random.nextInt(4));
            List<Operation> history = Executions.of(model, shape, seed);
            assertThat(checker.check(history).holds()).as("%s", history).isTrue();
        }
    }

    /// Whether a mutant is linearizable all the same is known from trying all orders.
    @ParameterizedTest
    @EnumSource
    void catchesEveryMutantOfSmallHistories(HistoryModel model) {
        Map<String, Integer> caught = new TreeMap<>();
        Random random = new Random(5);
        for (int seed = 0; seed < 600; seed++) {
            List<Operation> good =
                    Executions.of(model, new Executions.Shape(7, 3, 1, 10), 1_000 + seed);
            for (Map.Entry<String, List<Operation>> mutant :
                    Mutations.of(model, good, random).entrySet()) {
                boolean expected = AllOrders.explain(model.model(), mutant.getValue());
                assertThat(holds(model, mutant.getValue()))
                        .as("%s: %s", mutant.getKey(), mutant.getValue())
                        .isEqualTo(expected);
                caught.merge(mutant.getKey(), expected ? 0 : 1, Integer::sum);
            }
        }
        assertThat(caught.keySet()).containsAll(MUTATIONS.getOrDefault(model, List.of()));
        assertThat(caught.values()).as("%s", caught).allMatch(count -> count > 0);
    }

    /// Mutants of which it is certain whatever the rest of the history is.
    @ParameterizedTest
    @EnumSource
    void catchesAMutantAtTheEndOfALongHistory(HistoryModel model) {
        for (int seed = 0; seed < 5; seed++) {
            List<Operation> good =
                    Executions.of(model, new Executions.Shape(3_000, 8, 2, 1), 50 + seed);
            List<Operation> bad = LateViolations.append(model, good);
            Linearizability verdict = new LinearizabilityChecker(model.model()).check(bad);
            assertThat(verdict).isInstanceOf(Linearizability.Violated.class);
            Window window = ((Linearizability.Violated) verdict).explanation();
            assertThat(window.culprit()).isEqualTo(bad.getLast());
            assertThat(window.needed()).hasSizeLessThanOrEqualTo(3).contains(bad.getLast());
        }
    }

    @Test
    void transactionsTakeEffectAsOne() {
        Operation both = new Operation(1, "x+y", "txn", "append x 1; append y 1", "ok; ok", 0, 10);
        Operation seen = new Operation(2, "x+y", "txn", "read x; read y", "[1]; [1]", 5, 8);
        Operation torn = new Operation(2, "x+y", "txn", "read x; read y", "[1]; []", 5, 8);
        assertThat(holds(HistoryModel.LIST_APPEND, List.of(both, seen))).isTrue();
        assertThat(holds(HistoryModel.LIST_APPEND, List.of(both, torn))).isFalse();
    }
}
