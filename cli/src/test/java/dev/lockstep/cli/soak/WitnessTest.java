package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;

final class WitnessTest {

    private static final int ENOUGH = 1_000;

    private final Witness witness = new Witness();

    private void set(String key, String value) {
        witness.invoke(0, key, "set", value).returned("ok");
    }

    private void get(String key, String value) {
        witness.invoke(0, key, "get", "").returned(value);
    }

    /// How many operations it takes until somebody is told.
    private int readsUntilTold(String key, String value) {
        for (int i = 0; i < ENOUGH; i++) {
            get(key, value);
            try {
                witness.check();
            } catch (ViolationException found) {
                assertThat(found.sentence())
                        .startsWith("no order explains what the clients saw of key " + key);
                assertThat(found.window()).contains("The smallest window");
                return i;
            }
        }
        return ENOUGH;
    }

    @Test
    void what_cannot_be_is_found_while_clients_run() {
        set("a", "1");
        set("a", "2");

        assertThat(readsUntilTold("a", "1")).isLessThan(64);
        // Those that are under way go on, and the first that was found stays.
        get("b", "3");
        assertThatThrownBy(witness::check).hasMessageContaining("of key a");
    }

    @Test
    void a_key_is_looked_at_through_all_rounds() {
        witness.beginRound();
        set("a", "1");
        witness.retainAll(List.of("a"));
        witness.beginRound();

        assertThat(readsUntilTold("a", "(nil)")).isLessThan(64);
    }

    @Test
    void what_is_left_of_a_key_is_checked_when_it_is_let_go() {
        set("a", "1");
        get("a", "2");
        assertThatCode(witness::check).doesNotThrowAnyException();

        witness.retainAll(List.of());

        assertThatThrownBy(witness::check).hasMessageContaining("of key a");
    }

    @Test
    void what_is_left_is_checked_when_the_cluster_is_no_more() {
        set("a", "1");
        get("a", "2");

        witness.beginAnew();

        assertThatThrownBy(witness::check).hasMessageContaining("of key a");
    }

    @Test
    void a_key_that_was_let_go_is_another_when_it_comes_back() {
        set("a", "1");
        witness.retainAll(List.of());

        assertThat(readsUntilTold("a", "(nil)")).isEqualTo(ENOUGH);
        assertThat(witness.checked()).isGreaterThan(ENOUGH - 64);
    }

    @Test
    void a_cluster_begins_with_nothing() {
        set("a", "1");
        witness.beginAnew();

        assertThat(readsUntilTold("a", "(nil)")).isEqualTo(ENOUGH);
    }

    @Test
    void what_was_lost_may_have_happened_or_not() {
        set("a", "1");
        witness.invoke(0, "a", "set", "2").lost();
        get("a", "1");
        get("a", "2");
        witness.retainAll(List.of());

        assertThatCode(witness::check).doesNotThrowAnyException();
        assertThat(witness.unchecked()).isZero();
    }

    @Test
    void what_had_no_effect_must_not_be_seen() {
        set("a", "1");
        witness.invoke(0, "a", "set", "2").hadNoEffect();

        assertThat(readsUntilTold("a", "2")).isLessThan(64);
    }
}
