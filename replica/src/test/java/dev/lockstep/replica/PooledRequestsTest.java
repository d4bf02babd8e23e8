package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/// What [PooledRequests] holds is what plain maps hold.
class PooledRequestsTest {

    private static final int STEPS = 20_000;

    private final PooledRequests requests = new PooledRequests();
    private final TreeMap<RequestName, PooledRequest> byName = new TreeMap<>();
    private final TreeMap<Long, PooledRequest> byArrival = new TreeMap<>();
    private final TreeMap<Long, PooledRequest> waiting = new TreeMap<>();
    private long arrivals;

    private static RequestName draw(Random random) {
        return new RequestName(random.nextInt(3), random.nextInt(4), random.nextInt(200) - 4);
    }

    private void add(Random random) {
        RequestName name = draw(random);
        PooledRequest there = requests.find(name.client(), name.session(), name.what());
        assertThat(there).isSameAs(byName.get(name));
        if (there == null) {
            PooledRequest added =
                    new PooledRequest(name, new byte[1 + random.nextInt(9)], 0, ++arrivals, 0);
            requests.add(added);
            byName.put(name, added);
            byArrival.put(added.number, added);
            waiting.put(added.number, added);
        }
    }

    private void remove(Random random) {
        PooledRequest some = byName.ceilingEntry(draw(random)) == null ? null : some(random);
        if (some != null) {
            requests.remove(some);
            assertThat(some.isGone).isTrue();
            byName.remove(some.name());
            byArrival.remove(some.number);
            waiting.remove(some.number);
        }
    }

    private @Nullable PooledRequest some(Random random) {
        var entry = byName.ceilingEntry(draw(random));
        return entry == null ? null : entry.getValue();
    }

    private List<PooledRequest> take(int most) {
        List<PooledRequest> taken = new ArrayList<>();
        while (taken.size() < most && requests.firstWaiting() != null) {
            PooledRequest first = requests.firstWaiting();
            assertThat(first).isSameAs(waiting.firstEntry().getValue());
            requests.take(first);
            waiting.remove(first.number);
            taken.add(first);
        }
        return taken;
    }

    private void putBack(List<PooledRequest> taken) {
        requests.awaitAgain(taken);
        for (PooledRequest each : taken) {
            if (!each.isGone) {
                waiting.put(each.number, each);
            }
        }
    }

    private void compare() {
        assertThat(requests.size()).isEqualTo(byName.size());
        assertThat(requests.bytes())
                .isEqualTo(byName.values().stream().mapToLong(it -> it.record.length).sum());
        assertThat(requests.waitingBytes())
                .isEqualTo(waiting.values().stream().mapToLong(it -> it.record.length).sum());
        assertThat(requests.bytes(2))
                .isEqualTo(
                        byName.values().stream()
                                .filter(it -> it.client == 2)
                                .mapToLong(it -> it.record.length)
                                .sum());
        List<PooledRequest> walked = new ArrayList<>();
        for (PooledRequest at = requests.oldest(); at != null; at = at.younger) {
            walked.add(at);
        }
        assertThat(walked).containsExactlyElementsOf(byArrival.values());
        List<PooledRequest> waits = new ArrayList<>();
        for (PooledRequest at = requests.firstWaiting(); at != null; at = at.waitsAfter) {
            waits.add(at);
        }
        assertThat(waits).containsExactlyElementsOf(waiting.values());
    }

    @Test
    void holdsWhatPlainMapsHold() {
        Random random = new Random(7);
        List<List<PooledRequest>> batches = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> add(random);
                case 3 -> remove(random);
                case 4 -> batches.add(take(random.nextInt(20)));
                default -> {
                    if (!batches.isEmpty()) {
                        putBack(batches.remove(random.nextInt(batches.size())));
                    }
                }
            }
            if (step % 64 == 0) {
                compare();
            }
        }
        compare();
        assertThat(arrivals).isGreaterThan(1_000);
    }
}
