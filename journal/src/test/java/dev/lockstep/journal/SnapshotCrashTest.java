package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The process ends, the power fails, the disk fails or fills up before and within every single
/// change that is made to it: what was published is there, whole, and nothing else is.
class SnapshotCrashTest {

    private static final int POWER_FAILURES = 8;

    /// Several sectors, so that they can survive in any mixture.
    private static final int SIZE = 1800;

    private static final List<Bytes> CHUNKS = new ArrayList<>();
    private static final SnapshotDescription SENT = send();

    /// What happens to a store that holds 10 and 20.
    private interface Story {
        /// @param published gets what was reported as published
        void tell(SnapshotFiles files, List<Long> published) throws IOException;
    }

    private static SnapshotDescription send() {
        try {
            SnapshotFiles sender = Snapshots.open(new CrashStore());
            SnapshotDescription sent = Snapshots.write(sender, 30, content(30));
            for (int i = 0; i < sent.chunks(); i++) {
                CHUNKS.add(sender.chunk(30, i));
            }
            return sent;
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] content(long position) {
        return Snapshots.content(position, SIZE);
    }

    private static CrashStore begun() throws IOException {
        CrashStore disk = new CrashStore();
        SnapshotFiles files = Snapshots.open(disk);
        Snapshots.write(files, 10, content(10));
        Snapshots.write(files, 20, content(20));
        return disk;
    }

    private static void write(SnapshotFiles files, List<Long> published) throws IOException {
        try (SnapshotWriting writing = files.begin(30)) {
            writing.out().write(content(30));
            Snapshots.publish(writing);
        }
        published.add(30L);
        Snapshots.retain(files, 2);
    }

    private static void receive(SnapshotFiles files, List<Long> published) throws IOException {
        try (SnapshotReceiving receiving = files.receive(SENT)) {
            for (int i = 0; i < CHUNKS.size() / 2; i++) {
                receiving.add(CHUNKS.get(i));
            }
        }
        try (SnapshotReceiving receiving = files.receive(SENT)) {
            while (!receiving.isComplete()) {
                receiving.add(CHUNKS.get(receiving.nextChunk()));
            }
            Snapshots.publish(receiving);
        }
        published.add(30L);
        Snapshots.retain(files, 2);
    }

    private static int changesOf(Story story) throws IOException {
        FaultyStore store = new FaultyStore(begun());
        story.tell(Snapshots.open(store), new ArrayList<>());
        return store.changes;
    }

    @Test
    void aProcessMayEndAtEveryChange() throws IOException {
        for (Story story : List.<Story>of(SnapshotCrashTest::write, SnapshotCrashTest::receive)) {
            int changes = changesOf(story);
            assertThat(changes).as("chunks and more").isGreaterThan(CHUNKS.size());
            for (int at = 0; at <= changes; at++) {
                List<Long> published = new ArrayList<>();
                CrashStore disk = begun();
                FaultyStore store = new FaultyStore(disk);
                store.at = at;
                try {
                    story.tell(Snapshots.open(store), published);
                    assertThat(at).isEqualTo(changes);
                } catch (FaultyStore.Stopped end) {
                    assertThat(at).isLessThan(changes);
                }
                for (int seed = 0; seed < POWER_FAILURES; seed++) {
                    goesOn(disk.crash(new SplittableRandom(seed)), published);
                }
                survivesARestart(disk, published);
            }
        }
    }

    /// What a process finds that started after another ended, no power failure takes back.
    private static void survivesARestart(CrashStore disk, List<Long> published) throws IOException {
        List<SnapshotDescription> found = Snapshots.open(disk).complete();
        for (int seed = 0; seed < POWER_FAILURES; seed++) {
            CrashStore after = disk.crash(new SplittableRandom(seed));
            assertThat(Snapshots.open(after).complete()).isEqualTo(found);
        }
        goesOn(disk, published);
    }

    private static void goesOn(CrashStore disk, List<Long> published) throws IOException {
        SnapshotFiles files = Snapshots.open(disk);
        isWhole(disk, files, published);
        try (SnapshotReceiving receiving = files.receive(described(files))) {
            assertThat(receiving.nextChunk()).isLessThanOrEqualTo(CHUNKS.size());
        }
        Snapshots.write(files, 40, content(40));
        files.retain(2);
        files = Snapshots.open(disk);
        isWhole(disk, files, List.of(40L));
        assertThat(files.complete()).hasSize(2);
    }

    /// The snapshot that was being received, or another if it was published.
    private static SnapshotDescription described(SnapshotFiles files) {
        boolean isThere = files.complete().getFirst().position() == SENT.position();
        return isThere
                ? new SnapshotDescription(35, SENT.chunks(), SENT.sizeBytes(), SENT.digest())
                : SENT;
    }

    /// The newest is the last that was published, or the one that was about to be; there are two at
    /// least; all are what was written; nothing half written is left.
    private static void isWhole(CrashStore disk, SnapshotFiles files, List<Long> published)
            throws IOException {
        List<Long> found = files.complete().stream().map(SnapshotDescription::position).toList();
        assertThat(found).containsAll(published).hasSizeGreaterThan(1);
        assertThat(files.damaged()).isEmpty();
        for (long position : found) {
            assertThat(Snapshots.read(files, position)).isEqualTo(content(position));
        }
        assertThat(disk.list())
                .noneMatch(name -> name.endsWith(".new"))
                .noneMatch(name -> name.endsWith(".dead") && !files.hasRemains());
        long bytes = 0;
        for (String name : disk.list()) {
            bytes += disk.bytes(name).length;
        }
        assertThat(files.totalBytes()).isEqualTo(bytes);
    }

    @Test
    void theDiskMayFailAtEveryChange() throws IOException {
        for (Story story : List.<Story>of(SnapshotCrashTest::write, SnapshotCrashTest::receive)) {
            int changes = changesOf(story);
            for (int at = 1; at < changes; at++) {
                List<Long> published = new ArrayList<>();
                CrashStore disk = begun();
                FaultyStore store = new FaultyStore(disk);
                SnapshotFiles files = Snapshots.open(store);
                store.fault = FaultyStore.Fault.ERROR;
                store.at = at;
                assertThatThrownBy(() -> story.tell(files, published))
                        .isInstanceOf(IOException.class)
                        .hasMessage("the disk failed");
                for (int seed = 0; seed < POWER_FAILURES; seed++) {
                    goesOn(disk.crash(new SplittableRandom(seed)), published);
                }
                survivesARestart(disk, published);
            }
        }
    }

    @Test
    void theDiskMayFillUpAtEveryChange() throws IOException {
        int refusals = 0;
        int changes = changesOf(SnapshotCrashTest::write);
        for (int at = 1; at < changes; at++) {
            List<Long> published = new ArrayList<>();
            CrashStore disk = begun();
            FaultyStore store = new FaultyStore(disk);
            SnapshotFiles files = Snapshots.open(store);
            store.fault = FaultyStore.Fault.FULL;
            store.at = at;
            try {
                write(files, published);
            } catch (DiskFullException e) {
                refusals++;
                isWhole(disk, files, published);
                goesOn(disk.crash(new SplittableRandom(at)), published);
                write(files, published);
            }
            isWhole(disk, files, published);
        }
        assertThat(refusals)
                .as("creation, header, chunks, trailer, rename")
                .isEqualTo(CHUNKS.size() + 4);
    }

    @Test
    void theDiskMayFillUpAtEveryByte() throws IOException {
        for (int free = 0; free < SIZE + 32 * CHUNKS.size() + 192; free += 3) {
            CrashStore disk = begun();
            SnapshotFiles files = Snapshots.open(disk);
            disk.freeBytes = free;
            List<Long> published = new ArrayList<>();
            assertThatThrownBy(() -> write(files, published)).isInstanceOf(DiskFullException.class);
            assertThat(disk.freeBytes).as("given back").isEqualTo(free);
            isWhole(disk, files, published);
            disk.freeBytes = 1 << 20;
            write(files, published);
            isWhole(disk, files, published);
        }
    }

    @Test
    void whoSwallowsAnExceptionPublishesNothing() throws IOException {
        CrashStore disk = begun();
        SnapshotFiles files = Snapshots.open(disk);
        try (SnapshotWriting writing = files.begin(30)) {
            disk.freeBytes = 100;
            assertThatThrownBy(() -> writing.out().write(content(30)))
                    .isInstanceOf(DiskFullException.class);
            disk.freeBytes = 1 << 20;
            assertThatThrownBy(() -> writing.out().write(1)).isInstanceOf(DiskFullException.class);
            assertThatThrownBy(writing::advance).isInstanceOf(DiskFullException.class);
        }
        assertThat(files.complete()).hasSize(2);
    }

    @Test
    void settingAsideIsOneStep() throws IOException {
        Story story = (files, published) -> files.markDamaged(20);
        int changes = changesOf(story);
        for (int at = 1; at <= changes; at++) {
            CrashStore disk = begun();
            FaultyStore store = new FaultyStore(disk);
            SnapshotFiles files = Snapshots.open(store);
            store.at = at;
            try {
                story.tell(files, List.of());
            } catch (FaultyStore.Stopped end) {
                assertThat(at).isLessThan(changes);
            }
            for (int seed = 0; seed < POWER_FAILURES; seed++) {
                SnapshotFiles after = Snapshots.open(disk.crash(new SplittableRandom(seed)));
                assertThat(after.complete().size() + after.damaged().size()).isEqualTo(2);
                if (at == changes) {
                    assertThat(after.damaged()).hasSize(1);
                }
            }
        }
    }
}
