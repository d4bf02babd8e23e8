package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// Whatever is written, received, set aside and dropped, and whenever crashes come: after each what
/// was published and not dropped is there, and everything that is there is what was written.
class SnapshotCrashPropertyTest {

    private static final int BOOTS = 6;

    @Property(tries = 1000, shrinking = ShrinkingMode.OFF)
    void survivors(@ForAll long seed) throws IOException {
        new Run(seed).go();
    }

    /// One history of boots and crashes, all of it told by the seed.
    private static final class Run {

        private final SplittableRandom random;
        private CrashStore disk = new CrashStore();

        /// What must be there, by position.
        private final TreeMap<Long, byte[]> published = new TreeMap<>();

        /// What may be there.
        private final TreeMap<Long, byte[]> begun = new TreeMap<>();

        private final SnapshotFiles sender;
        private long position;
        private @Nullable SnapshotWriting writing;
        private @Nullable SnapshotReceiving receiving;
        private long writingAt;

        /// What is received, perhaps with crashes in between; null if nothing is.
        private @Nullable SnapshotDescription wanted;

        Run(long seed) throws IOException {
            random = new SplittableRandom(seed);
            sender = Snapshots.open(new CrashStore());
        }

        void go() throws IOException {
            for (int boot = 0; boot < BOOTS; boot++) {
                SnapshotFiles files = open();
                for (int step = random.nextInt(80); step > 0; step--) {
                    step(files);
                }
                writing = null;
                receiving = null;
                disk = random.nextInt(4) == 0 ? disk.copy() : disk.crash(random);
            }
            open();
        }

        private SnapshotFiles open() throws IOException {
            SnapshotFiles files = Snapshots.open(disk);
            check(files);
            if (random.nextInt(3) == 0) {
                disk = disk.crash(random);
                return open();
            }
            return files;
        }

        /// What was found counts as published from here on.
        private void check(SnapshotFiles files) throws IOException {
            TreeMap<Long, byte[]> found = new TreeMap<>();
            for (SnapshotDescription one : files.complete()) {
                byte[] content = Snapshots.read(files, one.position());
                assertThat(content).isEqualTo(begun.get(one.position()));
                found.put(one.position(), content);
            }
            assertThat(found.keySet()).containsAll(published.keySet());
            published.putAll(found);
            assertThat(disk.list())
                    .noneMatch(name -> name.endsWith(".new") || name.endsWith(".dead"));
            assertThat(files.hasRemains()).isFalse();
        }

        private void step(SnapshotFiles files) throws IOException {
            switch (random.nextInt(14)) {
                case 0 -> begin(files);
                case 1, 2, 3, 4 -> write();
                case 5, 6, 7, 8 -> receive(files);
                case 9 -> pause();
                case 10 -> drop(files);
                case 11, 12 -> files.shorten();
                default -> verify(files);
            }
        }

        private void begin(SnapshotFiles files) throws IOException {
            SnapshotWriting open = writing;
            if (open != null) {
                open.close();
                writing = null;
                return;
            }
            writingAt = ++position;
            SnapshotWriting next = files.begin(writingAt);
            writing = next;
            byte[] content = Snapshots.content(writingAt, random.nextInt(3000));
            begun.put(writingAt, content);
            next.out().write(content);
        }

        private void write() throws IOException {
            SnapshotWriting open = writing;
            if (open != null && open.advance()) {
                published.put(writingAt, begun.getOrDefault(writingAt, new byte[0]));
                open.close();
                writing = null;
            }
        }

        private void receive(SnapshotFiles files) throws IOException {
            SnapshotDescription what = wanted;
            if (what == null || published.containsKey(what.position())) {
                byte[] content = Snapshots.content(++position, random.nextInt(3000));
                begun.put(position, content);
                wanted = Snapshots.write(sender, position, content);
                return;
            }
            SnapshotReceiving open = receiving;
            if (open == null) {
                receiving = files.receive(what);
                return;
            }
            for (int n = random.nextInt(20); n > 0 && !open.isComplete(); n--) {
                Bytes chunk = sender.chunk(what.position(), open.nextChunk());
                open.add(chunk);
            }
            if (open.isComplete() && open.advance()) {
                published.put(what.position(), begun.getOrDefault(what.position(), new byte[0]));
                wanted = null;
                pause();
            }
        }

        private void pause() throws IOException {
            SnapshotReceiving open = receiving;
            if (open != null) {
                open.close();
                receiving = null;
            }
        }

        private void drop(SnapshotFiles files) throws IOException {
            int newest = 1 + random.nextInt(3);
            // What a crash in the midst of it leaves is any of these.
            while (published.size() > newest) {
                published.pollFirstEntry();
            }
            files.retain(newest);
            assertThat(files.complete()).hasSize(published.size());
        }

        private void verify(SnapshotFiles files) throws IOException {
            if (!published.isEmpty()) {
                long newest = published.lastKey();
                files.verify(newest);
                if (random.nextInt(6) == 0) {
                    published.remove(newest);
                    files.markDamaged(newest);
                }
            }
        }
    }
}
