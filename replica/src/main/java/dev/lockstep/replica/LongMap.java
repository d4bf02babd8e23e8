package dev.lockstep.replica;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// A map from primitive keys to objects: open addressing, linear probing, no tombstones.
///
/// It has no order of iteration, so that nothing can come to depend on the one its memory happens
/// to have; [#sortedKeys()] is for walks.
final class LongMap<V> {

    private static final int INITIAL_CAPACITY = 16;

    /// A power of two long, as `values`; a slot is in use where `values` is not null.
    private long[] keys = new long[INITIAL_CAPACITY];

    private @Nullable Object[] values = new @Nullable Object[INITIAL_CAPACITY];

    /// How many slots are in use; at most half of them.
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @SuppressWarnings("unchecked")
    @Nullable V get(long key) {
        return (V) values[find(key)];
    }

    /// Sets the value of `key`; returns the former one.
    @SuppressWarnings("unchecked")
    @Nullable V put(long key, V value) {
        int slot = find(key);
        Object former = values[slot];
        keys[slot] = key;
        values[slot] = value;
        if (former == null && ++size > values.length / 2) {
            grow();
        }
        return (V) former;
    }

    /// Removes `key`; returns its value.
    @SuppressWarnings("unchecked")
    @Nullable V remove(long key) {
        int slot = find(key);
        Object former = values[slot];
        if (former != null) {
            size--;
            closeGap(slot);
        }
        return (V) former;
    }

    void clear() {
        Arrays.fill(values, null);
        size = 0;
    }

    /// All keys, ascending.
    long[] sortedKeys() {
        long[] sorted = new long[size];
        int count = 0;
        for (int slot = 0; slot < values.length; slot++) {
            if (values[slot] != null) {
                sorted[count++] = keys[slot];
            }
        }
        Arrays.sort(sorted);
        return sorted;
    }

    /// The slot that holds `key`, or the free one where it would go.
    private int find(long key) {
        int mask = values.length - 1;
        int slot = home(key, mask);
        while (values[slot] != null && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    /// Moves back what was displaced past `gap`, so that no search ends early.
    private void closeGap(int gap) {
        int mask = values.length - 1;
        int slot = gap;
        while (true) {
            slot = (slot + 1) & mask;
            if (values[slot] == null) {
                values[gap] = null;
                return;
            }
            int home = home(keys[slot], mask);
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                keys[gap] = keys[slot];
                values[gap] = values[slot];
                gap = slot;
            }
        }
    }

    private void grow() {
        long[] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new @Nullable Object[2 * oldKeys.length];
        for (int i = 0; i < oldValues.length; i++) {
            if (oldValues[i] != null) {
                int slot = find(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    private static int home(long key, int mask) {
        return (int) (Mixing.finish(key) & mask);
    }
}
