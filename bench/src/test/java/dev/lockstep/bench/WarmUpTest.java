package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// When a load counts as steady.
class WarmUpTest {

    @Test
    void aLoadThatStillGrowsIsNotWarm() {
        WarmUp warmUp = new WarmUp(1, 100);
        for (int second = 1; second < 50; second++) {
            assertThat(warmUp.onSecond(1_000 * second)).isFalse();
        }
    }

    @Test
    void someSecondsInARowMustBeAlike() {
        WarmUp warmUp = new WarmUp(1, 100);
        assertThat(warmUp.onSecond(1_000)).isFalse();
        assertThat(warmUp.onSecond(1_010)).isFalse();
        assertThat(warmUp.onSecond(1_020)).isFalse();
        assertThat(warmUp.onSecond(1_030)).isTrue();
        assertThat(warmUp.onSecond(1_200)).isFalse();
    }

    @Test
    void theLeastAndTheMostTimeAreKept() {
        WarmUp warmUp = new WarmUp(6, 8);
        for (int second = 1; second <= 5; second++) {
            assertThat(warmUp.onSecond(1_000)).isFalse();
        }
        assertThat(warmUp.onSecond(1_000)).isTrue();
        assertThat(warmUp.onSecond(5_000)).isFalse();
        assertThat(warmUp.onSecond(1)).isTrue();
    }

    @Test
    void aLoadWithoutAnAnswerIsOverAfterTheMostTime() {
        WarmUp warmUp = new WarmUp(1, 3);
        assertThat(warmUp.onSecond(0)).isFalse();
        assertThat(warmUp.onSecond(0)).isFalse();
        assertThat(warmUp.onSecond(0)).isTrue();
    }
}
