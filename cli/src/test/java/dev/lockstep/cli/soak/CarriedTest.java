package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.history.KeyValueModel;
import dev.lockstep.testkit.history.LinearizabilityChecker;
import dev.lockstep.testkit.history.Operation;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class CarriedTest {

    private final Carried carried = new Carried();

    private static Operation operation(
            String key, String function, String argument, String result, long at) {
        return new Operation(0, key, function, argument, result, at, at + 1);
    }

    private boolean holdsWith(Operation... further) {
        List<Operation> history = new ArrayList<>(carried.operations());
        history.addAll(List.of(further));
        return new LinearizabilityChecker(new KeyValueModel()).check(history).holds();
    }

    @Test
    void what_was_read_at_the_end_of_a_round_must_be_read_in_the_next() {
        carried.take(
                1,
                List.of(
                        operation("a", "set", "1", "ok", 10),
                        operation("a", "get", "", "1", 20),
                        operation("b", "get", "", Operation.NIL, 20)));

        assertThat(carried.keys()).containsExactly("a", "b");
        assertThat(holdsWith(operation("a", "get", "", "1", 100))).isTrue();
        assertThat(holdsWith(operation("a", "get", "", Operation.NIL, 100))).isFalse();
        assertThat(holdsWith(operation("b", "get", "", "1", 100))).isFalse();
    }

    @Test
    void what_nobody_knows_the_outcome_of_may_still_happen() {
        carried.take(
                1,
                List.of(
                        operation("a", "set", "1", "ok", 10),
                        Operation.unknown(7, "a", "set", "2", 12),
                        operation("a", "get", "", "1", 20)));

        assertThat(holdsWith(operation("a", "get", "", "2", 100))).isTrue();
        assertThat(
                        holdsWith(
                                operation("a", "get", "", "2", 100),
                                operation("a", "get", "", "1", 110)))
                .isFalse();
    }

    @Test
    void of_several_reads_the_last_counts() {
        carried.take(
                1,
                List.of(
                        operation("a", "set", "2", "ok", 30),
                        operation("a", "get", "", "2", 40),
                        operation("a", "set", "1", "ok", 10),
                        operation("a", "get", "", "1", 20)));

        assertThat(holdsWith(operation("a", "get", "", "2", 100))).isTrue();
        assertThat(holdsWith(operation("a", "get", "", "1", 100))).isFalse();
    }

    @Test
    void old_keys_are_let_go_however_long_a_run_is() {
        int most = 0;
        for (int round = 1; round <= 100; round++) {
            List<Operation> history = new ArrayList<>(carried.operations());
            for (String key : carried.keys()) {
                history.add(operation(key, "get", "", "1", 100L * round + 50));
            }
            history.add(operation("key" + round, "set", "1", "ok", 100L * round));
            history.add(operation("key" + round, "get", "", "1", 100L * round + 50));
            assertThat(new LinearizabilityChecker(new KeyValueModel()).check(history).holds())
                    .isTrue();
            carried.take(round, history);
            most = Math.max(most, carried.operations().size());
        }
        assertThat(carried.keys()).contains("key100").doesNotContain("key92");
        assertThat(most).isEqualTo(8);
    }
}
