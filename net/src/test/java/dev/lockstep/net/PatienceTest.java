package dev.lockstep.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// A loop looks for work only while work comes soon.
class PatienceTest {

    private final Patience patience = new Patience();

    @Test
    void aNewLoopSleeps() {
        assertThat(patience.isWorthwhile()).isFalse();
    }

    @Test
    void shortWaitsMakeItLookForWork() {
        waits(20, Patience.LOOK_NANOS / 4);

        assertThat(patience.isWorthwhile()).isTrue();
    }

    @Test
    void waitsThatAreLongerThanTheLookDoNot() {
        waits(100, Patience.LOOK_NANOS + 1_000);

        assertThat(patience.isWorthwhile()).isFalse();
    }

    @Test
    void onePauseIsForgiven() {
        waits(100, 1_000);

        waits(1, 3_600_000_000_000L);

        assertThat(patience.isWorthwhile()).isTrue();
    }

    @Test
    void threePausesAreNot() {
        waits(100, 1_000);

        waits(3, 3_600_000_000_000L);

        assertThat(patience.isWorthwhile()).isFalse();
    }

    private void waits(int times, long nanos) {
        for (int i = 0; i < times; i++) {
            patience.waited(nanos);
        }
    }
}
