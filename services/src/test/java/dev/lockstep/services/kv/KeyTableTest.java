package dev.lockstep.services.kv;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

final class KeyTableTest {

    private static Entry entry(String key, long version) {
        return entry(key, hash(key), version);
    }

    private static Entry entry(String key, long hash, long version) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return new Entry(hash, bytes, bytes, Entry.NEVER, version, null);
    }

    private static long hash(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        return KeyHash.of(bytes, 0, bytes.length);
    }

    private static String name(Entry entry) {
        return new String(entry.key, StandardCharsets.UTF_8);
    }

    private static Map<String, Long> contents(KeyTable.View view) {
        Map<String, Long> contents = new TreeMap<>();
        KeyTable.Walk walk = view.walk(0);
        long before = -1;
        for (Entry entry = walk.next(); entry != null; entry = walk.next()) {
            assertThat(entry.hash).isGreaterThanOrEqualTo(before);
            before = entry.hash;
            assertThat(contents.put(name(entry), entry.version)).isNull();
        }
        return contents;
    }

    @Property(tries = 100)
    void holdsWhatAMapHoldsAndFrozenViewsDoNotChange(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4_000) int keys) {
        SplittableRandom random = new SplittableRandom(seed);
        KeyTable table = new KeyTable();
        Map<String, Long> model = new TreeMap<>();
        List<KeyTable.View> views = new ArrayList<>();
        List<Map<String, Long>> expected = new ArrayList<>();
        for (int i = 1; i < 3 * keys; i++) {
            String key = "key" + random.nextInt(keys);
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(3) > 0) {
                Entry old = table.put(entry(key, i));
                Long before = model.put(key, (long) i);
                assertThat(old == null ? null : (Long) old.version).isEqualTo(before);
            } else {
                Entry old = table.remove(hash(key), bytes, 0, bytes.length);
                Long before = model.remove(key);
                assertThat(old == null ? null : (Long) old.version).isEqualTo(before);
            }
            Entry found = table.find(hash(key), bytes, 0, bytes.length);
            assertThat(found == null ? null : (Long) found.version).isEqualTo(model.get(key));
            assertThat(table.size()).isEqualTo(model.size());
            if (random.nextInt(keys) == 0) {
                views.add(table.freeze());
                expected.add(new TreeMap<>(model));
            }
        }
        assertThat(contents(table.view())).isEqualTo(model);
        for (int i = 0; i < views.size(); i++) {
            assertThat(contents(views.get(i))).isEqualTo(expected.get(i));
            assertThat(views.get(i).size()).isEqualTo(expected.get(i).size());
        }
    }

    /// Whoever chooses keys of one hash makes the table slow, not wrong.
    @Test
    void keysOfOneHashAreToldApart() {
        KeyTable table = new KeyTable();
        for (int i = 0; i < 2_000; i++) {
            table.put(entry("key" + i, 12345, i));
        }
        assertThat(contents(table.view())).hasSize(2_000);
        for (int i = 0; i < 2_000; i += 2) {
            byte[] bytes = ("key" + i).getBytes(StandardCharsets.UTF_8);
            assertThat(table.remove(12345, bytes, 0, bytes.length)).isNotNull();
        }
        assertThat(contents(table.view())).hasSize(1_000);
    }

    /// What Redis promises of SCAN: a key that is there all the time is met, whatever others do.
    @Property(tries = 50)
    void aWalkInStepsMeetsWhatStays(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        KeyTable table = new KeyTable();
        Set<String> stays = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            table.put(entry("stays" + i, 1));
            stays.add("stays" + i);
        }
        List<String> met = new ArrayList<>();
        long cursor = 0;
        do {
            KeyTable.Walk walk = table.view().walk(cursor);
            cursor = 0;
            Entry next = walk.next();
            for (int i = 0; i < 10 && next != null; i++) {
                met.add(name(next));
                next = walk.next();
            }
            if (next != null) {
                cursor = next.hash;
            }
            for (int i = 0; i < 50; i++) {
                String key = "other" + random.nextInt(3_000);
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                if (random.nextBoolean()) {
                    table.put(entry(key, 2));
                } else {
                    table.remove(hash(key), bytes, 0, bytes.length);
                }
            }
        } while (cursor != 0);
        assertThat(met).containsAll(stays).doesNotHaveDuplicates();
    }

    @Test
    void hashesAreWhatTheyWere() {
        assertThat(hash("")).isEqualTo(HASH_OF_NOTHING);
        assertThat(hash("key")).isEqualTo(HASH_OF_KEY);
        assertThat(hash("0123456789abcdef")).isEqualTo(HASH_OF_SIXTEEN);
    }

    private static final long HASH_OF_NOTHING = 7097385003708914757L;
    private static final long HASH_OF_KEY = 8689619296582898194L;
    private static final long HASH_OF_SIXTEEN = 7293278539294332341L;
}
