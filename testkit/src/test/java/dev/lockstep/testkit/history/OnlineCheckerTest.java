package dev.lockstep.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class OnlineCheckerTest {

    private static final OnlineChecker.Limits SMALL =
            new OnlineChecker.Limits(2, 64, 24, 100, 100_000);

    private record Event(Operation operation, int number, boolean isReturn, long time) {}

    /// Plays a history to a checker, event by event; invocations first where times are equal.
    private static void play(OnlineChecker checker, List<Operation> history) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            Operation operation = history.get(i);
            events.add(new Event(operation, i, false, operation.invokedAt()));
            if (operation.isComplete()) {
                events.add(new Event(operation, i, true, operation.returnedAt()));
            }
        }
        events.sort(Comparator.comparingLong(Event::time).thenComparing(Event::isReturn));
        OnlineChecker.Call[] calls = new OnlineChecker.Call[history.size()];
        for (Event event : events) {
            Operation operation = event.operation();
            if (!event.isReturn()) {
                calls[event.number()] =
                        checker.invoke(
                                operation.session(),
                                operation.key(),
                                operation.function(),
                                operation.argument());
                if (!operation.isComplete()) {
                    calls[event.number()].lost();
                }
            } else {
                String result = operation.result();
                calls[event.number()].returned(result == null ? "" : result);
            }
        }
        checker.finish();
    }

    private static @Nullable Window violation(OnlineChecker checker, List<Operation> history) {
        LinearizabilityViolation thrown =
                catchThrowableOfType(LinearizabilityViolation.class, () -> play(checker, history));
        return thrown == null ? null : thrown.window();
    }

    @ParameterizedTest
    @EnumSource
    void findsExactlyWhatTheWholeHistoryHas(HistoryModel model) {
        LinearizabilityChecker whole = new LinearizabilityChecker(model.model());
        Random random = new Random(3);
        for (int round = 0; round < 5_000; round++) {
            List<Operation> history = Executions.arbitrary(model, 2 + random.nextInt(9), random);
            OnlineChecker checker = new OnlineChecker(model.model(), SMALL);
            assertThat(violation(checker, history) == null)
                    .as("%s", history)
                    .isEqualTo(whole.check(history).holds());
            assertThat(checker.unchecked() + checker.keysGivenUp()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void catchesMutantsOfLongHistories(HistoryModel model) {
        LinearizabilityChecker whole = new LinearizabilityChecker(model.model());
        Random random = new Random(8);
        int caught = 0;
        for (int seed = 0; seed < 10; seed++) {
            List<Operation> good =
                    Executions.of(model, new Executions.Shape(500, 6, 2, 1), 200 + seed);
            assertThat(violation(new OnlineChecker(model.model()), good)).isNull();
            for (List<Operation> mutant : Mutations.of(model, good, random).values()) {
                boolean isBad = !whole.check(mutant).holds();
                assertThat(violation(new OnlineChecker(model.model()), mutant) != null)
                        .isEqualTo(isBad);
                caught += isBad ? 1 : 0;
            }
        }
        assertThat(caught).isGreaterThan(5);
    }

    @Test
    void throwsAtOnceAndFromThenOnWithTheWindow() {
        OnlineChecker checker =
                new OnlineChecker(
                        new RegisterModel(), new OnlineChecker.Limits(1, 64, 4, 10, 1_000));
        checker.invoke(1, "x", "write", "1").returned("ok");
        checker.invoke(1, "x", "write", "2").returned("ok");
        OnlineChecker.Call stale = checker.invoke(2, "x", "read", "");
        assertThatThrownBy(() -> stale.returned("1"))
                .isInstanceOf(LinearizabilityViolation.class)
                .hasMessageContaining("no order explains read() = 1 by session 2 on x")
                .hasMessageContaining("before, x was 2");
        assertThatThrownBy(() -> checker.invoke(1, "y", "read", ""))
                .isInstanceOf(LinearizabilityViolation.class);
    }

    @Test
    void anOperationWithoutEffectConstrainsNothing() {
        OnlineChecker checker = new OnlineChecker(new RegisterModel(), SMALL);
        checker.invoke(1, "x", "write", "1").hadNoEffect();
        checker.invoke(1, "x", "read", "").returned(Operation.NIL);
        checker.finish();
        assertThat(checker.checked()).isEqualTo(1);
    }

    /// Threads on a real map, a million operations, some of which nobody learns the outcome of.
    @Test
    void memoryDoesNotGrowWithAMillionOperations() throws Exception {
        OnlineChecker checker = new OnlineChecker(new KeyValueModel());
        ConcurrentMap<String, String> map = new ConcurrentHashMap<>();
        int threads = 4;
        int each = 250_000;
        int[] mostHeld = new int[threads];
        try (ExecutorService clients = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> done = new ArrayList<>();
            for (int client = 0; client < threads; client++) {
                int number = client;
                done.add(clients.submit(() -> mostHeld[number] = run(checker, map, number, each)));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
        checker.finish();
        assertThat(checker.checked() + checker.unchecked()).isGreaterThan(990_000);
        assertThat(checker.unchecked()).isLessThan(1_000);
        assertThat(checker.keysGivenUp()).isZero();
        assertThat(Arrays.stream(mostHeld).max().orElse(0)).isLessThan(10 * 2_048);
    }

    /// Returns the most operations that were held at any moment.
    private static int run(
            OnlineChecker checker, ConcurrentMap<String, String> map, int client, int operations) {
        SplittableRandom random = new SplittableRandom(client);
        int mostHeld = 0;
        for (int i = 0; i < operations; i++) {
            // New keys from time to time, as a soak does.
            String key = "k" + random.nextInt(10) + "-" + i / 50_000;
            String value = client + "-" + i;
            boolean isRead = random.nextBoolean();
            OnlineChecker.Call call =
                    checker.invoke(client + 1, key, isRead ? "get" : "set", isRead ? "" : value);
            String result;
            if (isRead) {
                result = map.getOrDefault(key, Operation.NIL);
            } else {
                map.put(key, value);
                result = "ok";
            }
            if (i % 10_000 == 77) {
                call.lost();
            } else {
                call.returned(result);
            }
            if (i % 1_000 == 0) {
                mostHeld = Math.max(mostHeld, checker.held());
            }
        }
        return mostHeld;
    }

    @Test
    void whatStaysOpenTooLongCountsAsUnknown() {
        OnlineChecker checker =
                new OnlineChecker(
                        new RegisterModel(), new OnlineChecker.Limits(4, 40, 4, 10, 10_000));
        OnlineChecker.Call slow = checker.invoke(1, "x", "write", "slow");
        for (int i = 0; i < 1_000; i++) {
            checker.invoke(2, "x", "write", "" + i).returned("ok");
            assertThat(checker.held()).isLessThan(60);
        }
        checker.invoke(3, "x", "read", "").returned("slow");
        slow.returned("ok");
        checker.finish();
        assertThat(checker.unchecked()).isBetween(1L, 2L);
        assertThat(checker.checked()).isGreaterThan(990);
    }

    @Test
    void tooManyUnknownOutcomesGiveAKeyUpAndNoOther() {
        OnlineChecker checker =
                new OnlineChecker(
                        new RegisterModel(), new OnlineChecker.Limits(4, 40, 4, 10, 10_000));
        for (int i = 0; i < 50; i++) {
            checker.invoke(1, "x", "write", "lost" + i).lost();
            checker.invoke(2, "y", "write", "" + i).returned("ok");
        }
        assertThat(checker.keysGivenUp()).isEqualTo(1);
        checker.invoke(2, "y", "read", "").returned("nonsense");
        assertThatThrownBy(checker::finish).isInstanceOf(LinearizabilityViolation.class);
    }

    @Test
    void aRetiredKeyIsCheckedAndThenANewObject() {
        OnlineChecker checker = new OnlineChecker(new RegisterModel());
        checker.invoke(1, "x", "write", "1").returned("ok");
        checker.retire("x");
        assertThat(checker.checked()).isEqualTo(1);
        checker.invoke(1, "x", "read", "").returned(Operation.NIL);
        checker.finish();
        checker.invoke(1, "x", "read", "").returned("1");
        assertThatThrownBy(() -> checker.retire("x")).isInstanceOf(LinearizabilityViolation.class);
    }
}
