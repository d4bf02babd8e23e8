package dev.lockstep.services.kv;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// A hash table whose frozen view costs nothing to take: extendible hashing (Fagin et al. 1979)
/// with pages that are copied when they are first written after a freeze.
///
/// The first bits of a key's hash choose the page, so a walk through the pages is a walk in the
/// order of hashes, whatever the table's history. A full page is split in two; the longest pause is
/// the doubling of the directory, a few thousand references for millions of keys.
final class KeyTable {

    private static final int HASH_BITS = 63;
    private static final int FIRST_SLOTS = 8;
    private static final int MOST_SLOTS = 256;

    /// Past this depth pages grow instead: only keys of equal hash can get there.
    private static final int MOST_DEPTH = 24;

    private Page[] directory = {new Page(0, 0, new Entry[FIRST_SLOTS], 0)};

    /// The directory has `1 << depth` references.
    private int depth;

    private int size;

    /// Pages and directories of an earlier epoch may be seen by a frozen view: not to be written
    /// to.
    private long epoch;

    private long directoryEpoch;

    /// Keys whose hashes begin with the same `depth` bits, found by linear probing from the low
    /// bits of the hash.
    private static final class Page {

        final long epoch;
        final int depth;
        @Nullable Entry[] slots;
        int count;

        Page(long epoch, int depth, @Nullable Entry[] slots, int count) {
            this.epoch = epoch;
            this.depth = depth;
            this.slots = slots;
            this.count = count;
        }

        int slotOf(long hash, byte[] key, int offset, int length) {
            @Nullable Entry[] all = slots;
            int mask = all.length - 1;
            int slot = (int) hash & mask;
            while (true) {
                Entry entry = all[slot];
                if (entry == null || (entry.hash == hash && entry.hasKey(key, offset, length))) {
                    return slot;
                }
                slot = (slot + 1) & mask;
            }
        }

        boolean isFull() {
            return 4 * (count + 1) > 3 * slots.length;
        }

        void add(Entry entry) {
            int mask = slots.length - 1;
            int slot = (int) entry.hash & mask;
            while (slots[slot] != null) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = entry;
            count++;
        }

        void grow() {
            @Nullable Entry[] old = slots;
            slots = new Entry[2 * old.length];
            count = 0;
            for (Entry entry : old) {
                if (entry != null) {
                    add(entry);
                }
            }
        }

        /// Empties a slot and moves up what had to go past it.
        void clear(int emptied) {
            int mask = slots.length - 1;
            int hole = emptied;
            int slot = (hole + 1) & mask;
            for (Entry entry = slots[slot]; entry != null; entry = slots[slot]) {
                int home = (int) entry.hash & mask;
                if (((slot - home) & mask) >= ((slot - hole) & mask)) {
                    slots[hole] = entry;
                    hole = slot;
                }
                slot = (slot + 1) & mask;
            }
            slots[hole] = null;
            count--;
        }
    }

    int size() {
        return size;
    }

    @Nullable Entry find(long hash, byte[] key, int offset, int length) {
        Page page = directory[indexOf(hash)];
        return page.slots[page.slotOf(hash, key, offset, length)];
    }

    /// Puts an entry in place of that of the same key, which is returned, or null if there was
    /// none.
    @Nullable Entry put(Entry entry) {
        long hash = entry.hash;
        byte[] key = entry.key;
        Page page = writablePage(hash);
        int slot = page.slotOf(hash, key, 0, key.length);
        Entry old = page.slots[slot];
        if (old != null) {
            page.slots[slot] = entry;
            return old;
        }
        while (page.isFull()) {
            if (page.slots.length < MOST_SLOTS || page.depth == MOST_DEPTH) {
                page.grow();
            } else {
                split(page, hash);
                page = writablePage(hash);
            }
        }
        page.add(entry);
        size++;
        return null;
    }

    /// Removes the entry of a key and returns it, or null if there was none.
    @Nullable Entry remove(long hash, byte[] key, int offset, int length) {
        Page page = directory[indexOf(hash)];
        if (page.slots[page.slotOf(hash, key, offset, length)] == null) {
            return null;
        }
        page = writablePage(hash);
        int slot = page.slotOf(hash, key, offset, length);
        Entry removed = page.slots[slot];
        page.clear(slot);
        size--;
        return removed;
    }

    /// The table as it is now, unchanged by what follows; any one thread may walk through it.
    View freeze() {
        View view = view();
        epoch++;
        return view;
    }

    /// The table as it is, to be used before the next change only.
    View view() {
        return new View(directory, depth, size);
    }

    private int indexOf(long hash) {
        return (int) (hash >>> (HASH_BITS - depth));
    }

    private Page writablePage(long hash) {
        Page page = directory[indexOf(hash)];
        if (page.epoch == epoch) {
            return page;
        }
        Page copy = new Page(epoch, page.depth, page.slots.clone(), page.count);
        install(copy, hash);
        return copy;
    }

    private void split(Page page, long hash) {
        if (page.depth == depth) {
            doubleDirectory();
        }
        int below = page.depth + 1;
        Page low = new Page(epoch, below, new Entry[MOST_SLOTS], 0);
        Page high = new Page(epoch, below, new Entry[MOST_SLOTS], 0);
        long bit = 1L << (HASH_BITS - below);
        for (Entry entry : page.slots) {
            if (entry != null) {
                ((entry.hash & bit) == 0 ? low : high).add(entry);
            }
        }
        install(low, hash & -bit & ~bit);
        install(high, (hash & -bit) | bit);
    }

    private void doubleDirectory() {
        Page[] doubled = new Page[2 * directory.length];
        for (int i = 0; i < doubled.length; i++) {
            doubled[i] = directory[i >>> 1];
        }
        directory = doubled;
        directoryEpoch = epoch;
        depth++;
    }

    /// Makes `page` the place of all hashes that share its bits with `hash`.
    private void install(Page page, long hash) {
        if (directoryEpoch != epoch) {
            directory = directory.clone();
            directoryEpoch = epoch;
        }
        int references = 1 << (depth - page.depth);
        int first = indexOf(hash) & -references;
        Arrays.fill(directory, first, first + references, page);
    }

    /// A table at one moment.
    static final class View {

        private final Page[] directory;
        private final int depth;
        private final int size;

        private View(Page[] directory, int depth, int size) {
            this.directory = directory;
            this.depth = depth;
            this.size = size;
        }

        int size() {
            return size;
        }

        /// A walk through the entries from the first whose hash is `fromHash` or greater.
        Walk walk(long fromHash) {
            return new Walk(this, fromHash);
        }
    }

    /// A walk in the order of hashes and, where they are equal, of keys.
    static final class Walk {

        private final View view;
        private int index;

        /// What is left of the current page: `sorted` from `next` to `end`.
        private Entry[] sorted = new Entry[MOST_SLOTS];

        private int next;
        private int end;

        private Walk(View view, long fromHash) {
            this.view = view;
            this.index = (int) (fromHash >>> (HASH_BITS - view.depth));
            if (index < view.directory.length) {
                load();
                while (next < end && sorted[next].hash < fromHash) {
                    next++;
                }
            }
        }

        /// The next entry without moving on, or null at the end.
        @Nullable Entry peek() {
            while (next == end) {
                if (index >= view.directory.length) {
                    return null;
                }
                load();
            }
            return sorted[next];
        }

        /// The next entry, or null at the end.
        @Nullable Entry next() {
            Entry entry = peek();
            if (entry != null) {
                next++;
            }
            return entry;
        }

        private void load() {
            Page page = view.directory[index];
            int references = 1 << (view.depth - page.depth);
            index = (index & -references) + references;
            if (sorted.length < page.count) {
                sorted = new Entry[page.count];
            }
            next = 0;
            end = 0;
            for (Entry entry : page.slots) {
                if (entry != null) {
                    sorted[end++] = entry;
                }
            }
            Arrays.sort(sorted, 0, end, Walk::compare);
        }

        private static int compare(Entry left, Entry right) {
            int byHash = Long.compare(left.hash, right.hash);
            return byHash != 0 ? byHash : Arrays.compareUnsigned(left.key, right.key);
        }
    }
}
