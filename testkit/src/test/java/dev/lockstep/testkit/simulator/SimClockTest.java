package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.SplittableRandom;

/// Clocks are wrong in the ways they say, and in no other.
class SimClockTest {

    private static final long SECOND = 1_000_000_000L;

    private final Timeline timeline = new Timeline(new SplittableRandom(1), 1);

    private void pass(long nanos) {
        timeline.step(timeline.nowNanos() + nanos);
    }

    @ParameterizedTest
    @ValueSource(longs = {-10_000, -333, -1, 0, 1, 333, 10_000})
    void theTrueTimeOfAMonotonicTimeIsTheFirstOfIt(long driftPpm) {
        SimClock clock = new SimClock(timeline, driftPpm, 0);
        pass(12_345_678_901L);
        clock.boot();
        SplittableRandom random = new SplittableRandom(driftPpm);
        long booted = timeline.nowNanos();
        for (int i = 0; i < 2_000; i++) {
            long wanted = i < 1_000 ? i : random.nextLong(60 * SECOND);
            Timeline other = new Timeline(new SplittableRandom(1), 1);
            SimClock twin = new SimClock(other, driftPpm, 0);
            other.step(booted);
            twin.boot();
            long at = clock.trueNanosOf(wanted);
            other.step(at - 1);
            if (wanted > 0) {
                assertThat(twin.monotonicNanos()).isLessThan(wanted);
            }
            other.step(at);
            assertThat(twin.monotonicNanos()).isGreaterThanOrEqualTo(wanted);
        }
        assertThat(clock.trueNanosOf(Long.MAX_VALUE)).isEqualTo(Chance.NEVER);
    }

    @Test
    void theMonotonicClockGoesOnFromWhatItShowsWhenItsRateChanges() {
        SimClock clock = new SimClock(timeline, -30_000, 0);
        clock.boot();
        pass(100 * SECOND);
        clock.drift(30_000);
        assertThat(clock.monotonicNanos()).isEqualTo(97 * SECOND);
        assertThat(clock.trueNanosOf(200 * SECOND)).isEqualTo(200 * SECOND);
        pass(100 * SECOND);
        assertThat(clock.monotonicNanos()).isEqualTo(200 * SECOND);
        clock.boot();
        assertThat(clock.monotonicNanos()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {-10_000, -7, 0, 7, 10_000})
    void theMonotonicClockNeverGoesBackAndDriftsAsItShould(long driftPpm) {
        SimClock clock = new SimClock(timeline, driftPpm, 0);
        clock.boot();
        long before = 0;
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 1_000; i++) {
            pass(random.nextLong(3_000_000));
            clock.jump(random.nextLong(-SECOND, SECOND));
            assertThat(clock.monotonicNanos()).isGreaterThanOrEqualTo(before);
            before = clock.monotonicNanos();
        }
        pass(1_000 * SECOND - timeline.nowNanos());
        assertThat(clock.monotonicNanos()).isEqualTo(1_000 * SECOND + 1_000_000 * driftPpm);
        clock.boot();
        assertThat(clock.monotonicNanos()).isZero();
    }

    private static long wall(SimClock clock) {
        return clock.now().wallNanos() - SimClock.BEGINNING_NANOS;
    }

    @Test
    void theWallClockIsOffJumpsStandsStillAndIsSetRight() {
        SimClock clock = new SimClock(timeline, 0, 700);
        assertThat(wall(clock)).isEqualTo(700);
        pass(1_000);
        clock.jump(-1_500);
        assertThat(wall(clock)).isEqualTo(200);
        clock.freeze();
        pass(5_000);
        assertThat(wall(clock)).isEqualTo(200);
        assertThat(clock.monotonicNanos()).isEqualTo(6_000);
        clock.set(3);
        assertThat(wall(clock)).isEqualTo(6_003);
        clock.jump(100 * SECOND);
        assertThat(wall(clock)).isEqualTo(6_000 + 5 * SECOND);
        clock.jump(-100 * SECOND);
        assertThat(wall(clock)).isEqualTo(6_000 - 5 * SECOND);
    }
}
