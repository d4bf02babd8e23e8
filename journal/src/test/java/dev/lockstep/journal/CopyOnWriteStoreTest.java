package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/// A store that behaves as the one below it would, and leaves that as it is.
class CopyOnWriteStoreTest {

    private static final int PAGE = 64 << 10;
    private static final List<String> NAMES = List.of("a", "b", "c");

    private static byte[] content(FileStore store, String name) throws IOException {
        try (StoredFile file = store.open(name)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            assertThat(file.read(0, all)).isEqualTo(all.capacity());
            return all.array();
        }
    }

    private static void assertEqual(FileStore one, FileStore other) throws IOException {
        assertThat(one.list()).isEqualTo(other.list());
        for (String name : one.list()) {
            assertThat(content(one, name)).as(name).isEqualTo(content(other, name));
        }
    }

    /// Plain twin: a store in memory that the same is done to.
    @Test
    void whateverIsDoneIsDoneHereAndNotBelow() throws IOException {
        for (long seed = 1; seed <= 40; seed++) {
            MemoryStore below = new MemoryStore();
            MemoryStore untouched = new MemoryStore();
            MemoryStore twin = new MemoryStore();
            SplittableRandom random = new SplittableRandom(seed);
            for (String name : NAMES) {
                byte[] bytes = new byte[random.nextInt(4 * PAGE)];
                random.nextBytes(bytes);
                for (FileStore store : List.of(below, untouched, twin)) {
                    store.open(name).write(0, ByteBuffer.wrap(bytes));
                }
            }
            try (CopyOnWriteStore copy = new CopyOnWriteStore(below)) {
                for (int i = 0; i < 30; i++) {
                    long step = random.nextLong();
                    act(copy, new SplittableRandom(step));
                    act(twin, new SplittableRandom(step));
                    assertEqual(copy, twin);
                }
            }
            assertEqual(below, untouched);
        }
    }

    private static void act(FileStore store, SplittableRandom random) throws IOException {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        switch (random.nextInt(5)) {
            case 0 -> {
                if (store.list().contains(name)) {
                    store.delete(name);
                }
            }
            case 1 -> {
                String to = NAMES.get(random.nextInt(NAMES.size()));
                if (store.list().contains(name) && !name.equals(to)) {
                    store.rename(name, to);
                }
            }
            case 2 -> store.open(name).truncate(random.nextInt(5 * PAGE));
            default -> {
                byte[] bytes = new byte[random.nextInt(2 * PAGE)];
                if (random.nextBoolean()) {
                    random.nextBytes(bytes);
                }
                long offset =
                        random.nextBoolean() ? random.nextInt(3) * PAGE : random.nextInt(PAGE);
                store.open(name).write(offset, ByteBuffer.wrap(bytes));
            }
        }
    }
}
