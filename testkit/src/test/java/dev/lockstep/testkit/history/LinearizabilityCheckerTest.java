package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

class LinearizabilityCheckerTest {

    private static final LinearizabilityChecker REGISTER =
            new LinearizabilityChecker(new RegisterModel());
    private static final LinearizabilityChecker COUNTER =
            new LinearizabilityChecker(new CounterModel());
    private static final LinearizabilityChecker KEY_VALUE =
            new LinearizabilityChecker(new KeyValueModel(), 3_000_000);

    private static Operation done(
            String function, String argument, String result, long invoked, long returned) {
        return new Operation(0, "x", function, argument, result, invoked, returned);
    }

    @Test
    void takesTheEmptyHistory() {
        assertThat(REGISTER.check(List.of()).holds()).isTrue();
    }

    @Test
    void letsOverlappingOperationsTakeEffectInEitherOrder() {
        List<Operation> history =
                List.of(
                        done("write", "1", "ok", 0, 100),
                        done("read", "", Operation.NIL, 10, 20),
                        done("read", "", "1", 30, 40));
        assertThat(REGISTER.check(history).holds()).isTrue();
    }

    @Test
    void refusesTheNewValueBeforeTheOldOne() {
        List<Operation> history =
                List.of(
                        done("write", "1", "ok", 0, 100),
                        done("read", "", "1", 10, 20),
                        done("read", "", Operation.NIL, 30, 40));
        assertViolated(REGISTER.check(history), "read() = (nil)");
    }

    @Test
    void refusesAStaleRead() {
        List<Operation> history =
                List.of(
                        done("write", "1", "ok", 0, 10),
                        done("write", "2", "ok", 20, 30),
                        done("read", "", "1", 40, 50));
        assertViolated(REGISTER.check(history), "read() = 1");
    }

    @Test
    void countsEqualTimesAsOverlap() {
        List<Operation> history =
                List.of(done("write", "1", "ok", 0, 10), done("read", "", Operation.NIL, 10, 20));
        assertThat(REGISTER.check(history).holds()).isTrue();
    }

    @Test
    void letsAnUnknownOperationTakeEffectLateOnceOrNever() {
        Operation unknown = Operation.unknown(0, "x", "add", "1", 0);
        assertThat(COUNTER.check(List.of(unknown, done("read", "", "0", 5, 6))).holds()).isTrue();
        assertThat(
                        COUNTER.check(
                                        List.of(
                                                unknown,
                                                done("read", "", "0", 5, 6),
                                                done("read", "", "1", 7, 8)))
                                .holds())
                .isTrue();
        assertViolated(
                COUNTER.check(
                        List.of(
                                unknown,
                                done("read", "", "1", 7, 8),
                                done("read", "", "2", 9, 10))),
                "read() = 2");
    }

    @Test
    void decidesManyUnknownTwinsWithoutTryingAllSubsets() {
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            history.add(Operation.unknown(0, "x", "add", "1", i));
        }
        history.add(done("read", "", "40", 50, 60));
        history.add(done("read", "", "41", 70, 80));
        assertViolated(COUNTER.check(history), "read() = 41");
    }

    @Test
    void ordersASessionEvenWhereItsOperationsOverlap() {
        Operation first = new Operation(7, "x", "write", "1", "ok", 0, 100);
        Operation second = new Operation(7, "x", "write", "2", "ok", 1, 100);
        assertThat(REGISTER.check(List.of(first, second, done("read", "", "2", 200, 210))).holds())
                .isTrue();
        assertViolated(
                REGISTER.check(List.of(first, second, done("read", "", "1", 200, 210))),
                "read() = 1");
    }

    @Test
    void letsAnUnknownOperationMissItsChanceInItsSession() {
        Operation unknown = Operation.unknown(7, "x", "write", "1", 0);
        Operation later = new Operation(7, "x", "write", "2", "ok", 1, 10);
        assertThat(REGISTER.check(List.of(unknown, later, done("read", "", "2", 20, 30))).holds())
                .isTrue();
        assertViolated(
                REGISTER.check(List.of(unknown, later, done("read", "", "1", 20, 30))),
                "read() = 1");
    }

    @Test
    void namesTheKeyAndTheEndOfTheShortestBeginningThatCannotBeOrdered() {
        List<Operation> history =
                new ArrayList<>(Histories.keyValue(new Histories.Shape(500, 5, 4, 0, false), 3));
        long end = history.stream().mapToLong(Operation::returnedAt).max().orElse(0);
        history.add(new Operation(0, "k3", "set", "a", "ok", end + 1, end + 2));
        history.add(new Operation(0, "k3", "get", "", "b", end + 3, end + 4));
        history.add(new Operation(0, "k3", "get", "", "c", end + 5, end + 6));
        Linearizability verdict = KEY_VALUE.check(history);
        assertThat(verdict).isInstanceOf(Linearizability.Violated.class);
        Linearizability.Violated violated = (Linearizability.Violated) verdict;
        assertThat(violated.key()).isEqualTo("k3");
        assertThat(violated.culprit().result()).isEqualTo("b");
        assertThat(violated.window())
                .contains("set(a) = ok")
                .contains("The smallest window, 1 of ");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void takesWhatIsLinearizableByConstruction(long seed) {
        for (boolean sessions : new boolean[] {false, true}) {
            Histories.Shape shape = new Histories.Shape(2_000, 8, 8, 2, sessions);
            Linearizability verdict = KEY_VALUE.check(Histories.keyValue(shape, seed));
            assertThat(verdict.holds()).as("%s", verdict).isTrue();
        }
    }

    /// Every mutation is one that no history can contain: the value read was never written, or was
    /// overwritten before anything that overlaps; so every mutant must be caught.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void catchesEveryMutantOfAGoodHistory(long seed) {
        Histories.Shape shape = new Histories.Shape(1_000, 3, 4, 0, false);
        List<Operation> good = Histories.keyValue(shape, seed);
        long end = good.stream().mapToLong(Operation::returnedAt).max().orElse(0);
        SplittableRandom random = new SplittableRandom(seed);
        String key = "k" + random.nextInt(3);

        List<Operation> staleRead = new ArrayList<>(good);
        staleRead.add(new Operation(0, key, "set", "old", "ok", end + 1, end + 2));
        staleRead.add(new Operation(0, key, "set", "new", "ok", end + 3, end + 4));
        staleRead.add(new Operation(0, key, "get", "", "old", end + 5, end + 6));
        assertThat(KEY_VALUE.check(staleRead).holds()).isFalse();

        List<Operation> lostWrite = new ArrayList<>(good);
        lostWrite.add(new Operation(0, key, "get", "", Operation.NIL, end + 1, end + 2));
        lostWrite.add(new Operation(0, key, "set", "lost", "ok", end + 3, end + 4));
        lostWrite.add(new Operation(0, key, "get", "", Operation.NIL, end + 5, end + 6));
        assertThat(KEY_VALUE.check(lostWrite).holds()).isFalse();

        // A read of a value that was never written stands for any corrupted result.
        int at = indexOfRead(good, random.nextInt(good.size()));
        List<Operation> invented = new ArrayList<>(good);
        invented.set(at, good.get(at).withResult("invented"));
        assertThat(KEY_VALUE.check(invented).holds()).isFalse();
    }

    private static int indexOfRead(List<Operation> history, int from) {
        for (int i = from; ; i = (i + 1) % history.size()) {
            if (history.get(i).function().equals("get")) {
                return i;
            }
        }
    }

    @Test
    void catchesADoubleIncrementAndALostOneAnywhere() {
        int count = 300;
        for (int doubled = 0; doubled < count; doubled += 7) {
            assertThat(COUNTER.check(increments(count, doubled, 2)).holds()).isFalse();
            assertThat(COUNTER.check(increments(count, doubled, 0)).holds()).isFalse();
        }
        assertThat(COUNTER.check(increments(count, 0, 1)).holds()).isTrue();
    }

    /// Increments by overlapping callers of which one is applied `times` times.
    private static List<Operation> increments(int count, int odd, int times) {
        List<Operation> history = new ArrayList<>();
        long value = 0;
        for (int i = 0; i < count; i++) {
            value += i == odd ? times : 1;
            history.add(done("add", "1", Long.toString(value), 10L * i, 10L * i + 35));
        }
        return history;
    }

    @Test
    void catchesSessionsThatWereReorderedAnywhere() {
        Histories.Shape shape = new Histories.Shape(400, 1, 3, 0, true);
        List<Operation> good = Histories.keyValue(shape, 5);
        assertThat(KEY_VALUE.check(good).holds()).isTrue();
        int caught = 0;
        for (int i = 0; i < good.size(); i++) {
            int next = nextOfSession(good, i);
            if (next < 0
                    || !good.get(i).function().equals("add")
                    || !good.get(next).function().equals("add")) {
                continue;
            }
            List<Operation> swapped = new ArrayList<>(good);
            swapped.set(i, good.get(i).withResult(result(good.get(next))));
            swapped.set(next, good.get(next).withResult(result(good.get(i))));
            if (!result(good.get(i)).equals(result(good.get(next)))) {
                assertThat(KEY_VALUE.check(swapped).holds()).isFalse();
                caught++;
            }
        }
        assertThat(caught).isPositive();
    }

    private static String result(Operation operation) {
        return java.util.Objects.requireNonNull(operation.result());
    }

    private static int nextOfSession(List<Operation> history, int from) {
        for (int i = from + 1; i < history.size(); i++) {
            if (history.get(i).session() == history.get(from).session()) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void decidesAHundredThousandOperationsInSeconds() {
        Histories.Shape one = new Histories.Shape(100_000, 1, 8, 0, false);
        Histories.Shape many = new Histories.Shape(100_000, 100, 16, 1, true);
        for (Histories.Shape shape : List.of(one, many)) {
            List<Operation> history = Histories.keyValue(shape, 11);
            long started = System.nanoTime();
            Linearizability verdict = KEY_VALUE.check(history);
            long millis = (System.nanoTime() - started) / 1_000_000;
            System.out.println(shape + ": " + millis + " ms, " + verdict);
            assertThat(verdict.holds()).isTrue();
            assertThat(millis).isLessThan(30_000);
        }
    }

    @Test
    void agreesWithTryingAllOrdersOfSmallHistories() {
        SplittableRandom random = new SplittableRandom(17);
        int good = 0;
        for (int round = 0; round < 20_000; round++) {
            List<Operation> history = arbitrary(random, 2 + random.nextInt(5));
            boolean expected = AllOrders.explain(new RegisterModel(), history);
            assertThat(REGISTER.check(history).holds()).as("%s", history).isEqualTo(expected);
            good += expected ? 1 : 0;
        }
        // Both answers were common.
        assertThat(good).isBetween(2_000, 18_000);
    }

    private static List<Operation> arbitrary(SplittableRandom random, int size) {
        List<Operation> history = new ArrayList<>();
        String[] values = {Operation.NIL, "1", "2"};
        for (int i = 0; i < size; i++) {
            long invoked = random.nextInt(20);
            long returned = invoked + 1 + random.nextInt(10);
            long session = random.nextInt(3);
            String function =
                    random.nextBoolean() ? "read" : random.nextBoolean() ? "cas" : "write";
            String value = values[1 + random.nextInt(2)];
            String argument =
                    switch (function) {
                        case "read" -> "";
                        case "cas" -> values[random.nextInt(3)] + " " + value;
                        default -> value;
                    };
            String result =
                    switch (function) {
                        case "read" -> values[random.nextInt(3)];
                        case "cas" -> random.nextBoolean() ? "ok" : "no";
                        default -> "ok";
                    };
            history.add(
                    random.nextInt(4) == 0
                            ? Operation.unknown(session, "x", function, argument, invoked)
                            : new Operation(
                                    session, "x", function, argument, result, invoked, returned));
        }
        return history;
    }

    @Test
    void givesUpInsteadOfSearchingForEver() {
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            history.add(Operation.unknown(0, "x", "add", Integer.toString(1 << (i % 30)), i));
        }
        history.add(done("read", "", "-1", 50, 60));
        Linearizability verdict =
                new LinearizabilityChecker(new CounterModel(), 2_000).check(history);
        assertThat(verdict).isInstanceOf(Linearizability.Undecided.class);
    }

    private static void assertViolated(Linearizability verdict, String culprit) {
        assertThat(verdict).isInstanceOf(Linearizability.Violated.class);
        assertThat(((Linearizability.Violated) verdict).culprit().toString()).contains(culprit);
        assertThat(((Linearizability.Violated) verdict).window()).contains(culprit);
    }
}
