package dev.lockstep.services.kv;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

final class ExpiryQueueTest {

    @Property(tries = 200)
    void theFirstIsTheSoonestWhateverWasMovedAndRemoved(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ExpiryQueue queue = new ExpiryQueue();
        List<ExpiryTimer> timers = new ArrayList<>();
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            int choice = timers.isEmpty() ? 0 : random.nextInt(5);
            if (choice < 2) {
                timers.add(new ExpiryTimer(i, new byte[0]));
                times.add((long) random.nextInt(100));
                queue.schedule(timers.getLast(), times.getLast());
            } else if (choice < 4) {
                int moved = random.nextInt(timers.size());
                times.set(moved, (long) random.nextInt(100));
                queue.schedule(timers.get(moved), times.get(moved));
            } else {
                int removed =
                        random.nextBoolean()
                                ? timers.indexOf(queue.first())
                                : random.nextInt(timers.size());
                queue.cancel(timers.remove(removed));
                times.remove(removed);
            }
            assertThat(queue.size()).isEqualTo(timers.size());
            assertThat(queue.earliest())
                    .isEqualTo(times.isEmpty() ? Long.MAX_VALUE : (long) Collections.min(times));
            if (!timers.isEmpty()) {
                assertThat(times.get(timers.indexOf(queue.first()))).isEqualTo(queue.earliest());
            }
        }
    }
}
