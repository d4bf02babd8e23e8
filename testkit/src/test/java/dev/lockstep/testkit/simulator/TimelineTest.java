package dev.lockstep.testkit.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/// What happens when, and in which order if at once.
class TimelineTest {

    private static Timeline timeline(long seed, long quantumNanos) {
        return new Timeline(new SplittableRandom(seed), quantumNanos);
    }

    private static void finish(Timeline timeline) {
        boolean isGoingOn = true;
        while (isGoingOn) {
            isGoingOn = timeline.step(1_000);
        }
    }

    @Test
    void timeMovesFromEventToEventAndThenToTheEnd() {
        Timeline timeline = timeline(1, 1);
        List<Long> times = new ArrayList<>();
        timeline.after(7, () -> times.add(timeline.nowNanos()));
        timeline.at(3, () -> timeline.after(2, () -> times.add(timeline.nowNanos())));
        assertThat(timeline.step(1)).isFalse();
        assertThat(timeline.nowNanos()).isEqualTo(1);
        finish(timeline);
        assertThat(times).containsExactly(5L, 8L - 1);
        assertThat(timeline.nowNanos()).isEqualTo(1_000);
        assertThat(timeline.events()).isEqualTo(3);
        // What is late happens now.
        timeline.at(5, () -> times.add(timeline.nowNanos()));
        timeline.step(1_000);
        assertThat(times).endsWith(1_000L);
    }

    /// Ten arrivals and ten wakes at one time, the wakes asked for first.
    private static String orderOf(long seed) {
        Timeline timeline = timeline(seed, 1);
        StringBuilder order = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            int number = i;
            timeline.wakeAt(9, () -> order.append((char) ('A' + number)));
            timeline.at(9, () -> order.append(number));
        }
        finish(timeline);
        return order.toString();
    }

    @Test
    void arrivalsComeBeforeWakesAndChanceDecidesTheRest() {
        TreeSet<String> orders = new TreeSet<>();
        for (long seed = 1; seed <= 20; seed++) {
            String order = orderOf(seed);
            assertThat(order).matches("[0-9]{10}[A-J]{10}").isEqualTo(orderOf(seed));
            orders.add(order);
        }
        assertThat(orders).hasSize(20);
    }

    @Test
    void arrivalsCoincideOnTheGridAndNothingElseDoes() {
        Timeline timeline = timeline(1, 100);
        List<Long> times = new ArrayList<>();
        timeline.after(1, () -> times.add(timeline.nowNanos()));
        timeline.after(100, () -> times.add(timeline.nowNanos()));
        timeline.after(101, () -> times.add(timeline.nowNanos()));
        timeline.at(7, () -> times.add(timeline.nowNanos()));
        timeline.wakeAt(8, () -> times.add(timeline.nowNanos()));
        finish(timeline);
        assertThat(times).containsExactly(7L, 8L, 100L, 100L, 200L);
    }

    @Test
    void theDigestDependsOnTimesAndOnWhatIsFoldedIn() {
        TreeSet<Long> digests = new TreeSet<>();
        for (long at : new long[] {5, 6}) {
            for (long value : new long[] {1, 2}) {
                Timeline timeline = timeline(1, 1);
                timeline.at(at, () -> timeline.fold(value));
                finish(timeline);
                digests.add(timeline.digest());
            }
        }
        assertThat(digests).hasSize(4);
    }
}
