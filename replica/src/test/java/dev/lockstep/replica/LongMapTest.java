package dev.lockstep.replica;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import java.util.List;
import java.util.TreeMap;

/// The map does what a sorted one does.
class LongMapTest {

    @Property
    void behavesLikeATreeMap(
            @ForAll @Size(max = 400) List<@IntRange(min = -60, max = 60) Integer> keys,
            @ForAll long spread) {
        LongMap<Integer> map = new LongMap<>();
        TreeMap<Long, Integer> model = new TreeMap<>();
        int step = 0;
        for (int small : keys) {
            long key = small * (spread | 1);
            if (step++ % 3 == 2) {
                assertThat(map.remove(key)).isEqualTo(model.remove(key));
            } else {
                assertThat(map.put(key, step)).isEqualTo(model.put(key, step));
            }
            assertThat(map.get(key)).isEqualTo(model.get(key));
            assertThat(map.size()).isEqualTo(model.size());
        }
        for (int small = -60; small <= 60; small++) {
            long key = small * (spread | 1);
            assertThat(map.get(key)).isEqualTo(model.get(key));
        }
        assertThat(map.sortedKeys())
                .containsExactly(model.keySet().stream().mapToLong(Long::longValue).toArray());
        map.clear();
        assertThat(map.isEmpty()).isTrue();
        assertThat(map.sortedKeys()).isEmpty();
    }
}
