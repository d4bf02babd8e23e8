package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.SplittableRandom;

class SnapshotFilesTest {

    private static final int CHUNK = Snapshots.CHUNK;
    private static final int[] SIZES = {
        0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 25 * CHUNK + 7
    };

    private final CrashStore store = new CrashStore();

    @Test
    void whatIsWrittenIsRead() throws Exception {
        SnapshotFiles files = Snapshots.open(store);
        for (int i = 0; i < SIZES.length; i++) {
            byte[] content = Snapshots.content(i, SIZES[i]);
            SnapshotDescription written = Snapshots.write(files, i, content);
            assertThat(written.position()).isEqualTo(i);
            assertThat(written.sizeBytes()).isEqualTo(SIZES[i]);
            assertThat(written.chunks()).isEqualTo((SIZES[i] + CHUNK - 1) / CHUNK);
            assertThat(written.digest().toByteArray())
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(content));
            assertThat(Snapshots.read(files, i)).isEqualTo(content);
            files.verify(i);
        }
        SnapshotFiles again = Snapshots.open(store);
        assertThat(again.complete()).isEqualTo(files.complete()).hasSize(SIZES.length);
        assertThat(again.complete().getFirst().position()).isEqualTo(SIZES.length - 1);
        assertThat(again.damaged()).isEmpty();
        for (int i = 0; i < SIZES.length; i++) {
            assertThat(Snapshots.read(again, i)).isEqualTo(Snapshots.content(i, SIZES[i]));
        }
    }

    @Test
    void realChunksInARealDirectory(@TempDir Path directory) throws IOException {
        int chunk = SnapshotFiles.CHUNK_BYTES;
        int[] sizes = {0, 1, chunk - 1, chunk, chunk + 1, 9 * chunk + 5};
        try (DirectoryStore disk = DirectoryStore.open(directory)) {
            SnapshotFiles files = SnapshotFiles.open(disk, Snapshots.LABEL);
            for (int i = 0; i < sizes.length; i++) {
                Snapshots.write(files, i, Snapshots.content(i, sizes[i]));
            }
            files = SnapshotFiles.open(disk, Snapshots.LABEL);
            for (int i = 0; i < sizes.length; i++) {
                assertThat(Snapshots.read(files, i)).isEqualTo(Snapshots.content(i, sizes[i]));
            }
            files.retain(2);
            assertThat(disk.list()).hasSize(2);
            assertThat(files.totalBytes()).isEqualTo(sizeOnDisk(directory, disk.list()));
        }
    }

    private static long sizeOnDisk(Path directory, List<String> names) {
        return names.stream().mapToLong(name -> directory.resolve(name).toFile().length()).sum();
    }

    @Test
    void theBytesDoNotDependOnHowTheyCome() throws IOException {
        byte[] content = Snapshots.content(1, 3 * CHUNK + 3);
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, 7, content);
        for (int part : new int[] {1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK}) {
            CrashStore other = new CrashStore();
            try (SnapshotWriting writing = Snapshots.open(other).begin(7)) {
                OutputStream out = writing.out();
                for (int at = 0; at < content.length; at += part) {
                    out.write(content, at, Math.min(part, content.length - at));
                    out.flush();
                }
                out.close();
                Snapshots.publish(writing);
            }
            String name = SnapshotName.complete(7);
            assertThat(other.bytes(name)).isEqualTo(store.bytes(name));
        }
    }

    @Test
    void readingByteByByteAndInParts() throws IOException {
        byte[] content = Snapshots.content(1, 3 * CHUNK + 3);
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, 7, content);
        ByteArrayOutputStream single = new ByteArrayOutputStream();
        try (InputStream in = files.read(7)) {
            assertThat(in.read(new byte[0])).isZero();
            for (int b = in.read(); b >= 0; b = in.read()) {
                single.write(b);
            }
            assertThat(in.read()).isEqualTo(-1);
            assertThat(in.read(new byte[5])).isEqualTo(-1);
        }
        assertThat(single.toByteArray()).isEqualTo(content);
        InputStream closed = files.read(7);
        assertThat(closed.readNBytes(CHUNK + 1))
                .isEqualTo(Bytes.wrap(content, 0, CHUNK + 1).toByteArray());
        assertThat(closed.available()).isEqualTo(CHUNK - 1);
        closed.close();
        closed.close();
        assertThatThrownBy(closed::read).hasMessage("the snapshot was closed");
    }

    @Test
    void nothingIsThereBeforeTheLastStep() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        SnapshotWriting writing = files.begin(3);
        writing.out().write(new byte[50]);
        int steps = 0;
        while (!writing.advance()) {
            steps++;
            assertThat(files.complete()).isEmpty();
            assertThatThrownBy(writing::description).isInstanceOf(Invariant.Broken.class);
        }
        assertThat(steps).as("rest, trailer, force, rename before the last").isEqualTo(4);
        assertThat(writing.advance()).as("again").isTrue();
        assertThat(files.complete()).containsExactly(writing.description());
        assertThatThrownBy(() -> writing.out().write(1)).isInstanceOf(Invariant.Broken.class);
        writing.close();
        writing.close();
        assertThat(store.list()).containsExactly("snapshot-0000000000000000003.snap");
    }

    @Test
    void whoGivesUpLeavesNothing() throws IOException {
        for (int steps = 0; steps < 4; steps++) {
            SnapshotFiles files = Snapshots.open(store);
            try (SnapshotWriting writing = files.begin(3)) {
                writing.out().write(new byte[50]);
                for (int step = 0; step < steps; step++) {
                    writing.advance();
                }
            }
            assertThat(store.list()).as("after %d steps", steps).isEmpty();
            assertThat(files.totalBytes()).isZero();
        }
    }

    @Test
    void otherFilesAreLeftAlone() throws IOException {
        List<String> others =
                List.of(
                        "identity",
                        "journal-000000000001.new",
                        "snapshot-",
                        "snapshot-0000000000000000001",
                        "snapshot-000000000000000001.new",
                        "snapshot-00000000000000000x1.new",
                        "snapshot-0000000000000000001.new2",
                        "snapshot-9999999999999999999.new");
        for (String name : others) {
            store.put(name, new byte[] {1});
        }
        SnapshotFiles files = Snapshots.open(store);
        assertThat(files.damaged()).isEmpty();
        assertThat(files.totalBytes()).isZero();
        assertThat(store.list()).containsExactlyInAnyOrderElementsOf(others);
    }

    @Test
    void leftOversOfWritingsAreDeleted() throws IOException {
        store.put(SnapshotName.unpublished(5), new byte[100]);
        SnapshotFiles files = Snapshots.open(store);
        assertThat(store.list()).isEmpty();
        assertThat(files.totalBytes()).isZero();
    }

    @Test
    void whatBelongsToAnotherIsRefused() throws IOException {
        Snapshots.write(Snapshots.open(store), 5, new byte[50]);
        store.put(SnapshotName.unpublished(6), new byte[1]);
        assertThatThrownBy(() -> SnapshotFiles.open(store, Bytes.EMPTY, CHUNK))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "snapshot-0000000000000000005.snap is a snapshot of another cluster (it is"
                                + " labelled 5 bytes [6c6162656c], not 0 bytes []): check the data"
                                + " directory and the cluster id in the configuration");
        assertThatThrownBy(() -> SnapshotFiles.open(store, Snapshots.LABEL))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "snapshot-0000000000000000005.snap has snapshot chunks of 40 bytes, and"
                                + " this version of Lockstep reads chunks of 262144: start the version"
                                + " that wrote it");
        assertThat(store.list()).as("nothing was deleted").hasSize(2);
    }

    @Test
    void anotherVersionIsRefused() throws IOException {
        byte[] file = new byte[SnapshotHeader.BYTES];
        new SnapshotHeader(Snapshots.LABEL, 5, CHUNK).encode().get(0, file);
        ByteBuffer header = Frame.littleEndian(ByteBuffer.wrap(file));
        header.putInt(8, 2).putInt(12, 0);
        header.putInt(12, Bytes.wrap(file).crc32c());
        store.put(SnapshotName.complete(5), file);
        assertThatThrownBy(() -> Snapshots.open(store))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "snapshot-0000000000000000005.snap has snapshot format 2, and this version"
                                + " of Lockstep reads format 1: start the version that wrote it");
    }

    @Test
    void labelsAndChunksHaveBounds() throws IOException {
        Bytes longest = Bytes.wrap(new byte[64]);
        Snapshots.write(SnapshotFiles.open(store, longest, 1), 1, new byte[3]);
        assertThat(SnapshotFiles.open(store, longest, 1).complete()).hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SnapshotFiles.open(store, Bytes.wrap(new byte[65])))
                .withMessage("a label has up to 64 bytes, not 65");
        for (int size : new int[] {0, SnapshotFiles.CHUNK_BYTES + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SnapshotFiles.open(store, Bytes.EMPTY, size))
                    .withMessage("a chunk has between 1 and 262144 bytes, not " + size);
        }
    }

    @Test
    void aPositionHasOneSnapshotAndOneIsWrittenAtATime() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, 5, new byte[1]);
        assertThatThrownBy(() -> files.begin(5)).isInstanceOf(Invariant.Broken.class);
        assertThatThrownBy(() -> files.begin(-1)).isInstanceOf(Invariant.Broken.class);
        try (SnapshotWriting writing = files.begin(6)) {
            assertThatThrownBy(() -> files.begin(7)).isInstanceOf(Invariant.Broken.class);
            Snapshots.publish(writing);
        }
        assertThat(files.begin(7)).isNotNull();
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, 5, new byte[CHUNK + 1]);
        Snapshots.write(files, 6, new byte[1]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> files.read(4))
                .withMessage("there is no complete snapshot at position 4, there are [6, 5]");
        for (int index : new int[] {-1, 2}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> files.chunk(5, index))
                    .withMessage(
                            "the snapshot at position 5 has 2 chunks, and none with index "
                                    + index);
        }
        store.delete(SnapshotName.complete(5));
        assertThatThrownBy(() -> files.verify(5))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("the file is gone");
        assertThat(store.list()).as("no empty one was made").hasSize(1);
        files.markDamaged(5);
        assertThat(files.complete()).hasSize(1);
        assertThat(files.totalBytes()).isEqualTo(store.bytes(SnapshotName.complete(6)).length);
    }

    @Test
    void theNewestAreKept() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        for (int position : new int[] {30, 10, 40, 20}) {
            Snapshots.write(files, position, Snapshots.content(position, 90));
        }
        long each = files.totalBytes() / 4;
        files.retain(5);
        assertThat(files.complete()).hasSize(4);
        try (InputStream open = files.read(10)) {
            files.retain(2);
            assertThat(open.readAllBytes()).isEqualTo(Snapshots.content(10, 90));
        }
        assertThat(files.complete())
                .extracting(SnapshotDescription::position)
                .containsExactly(40L, 30L);
        assertThat(files.totalBytes()).isEqualTo(2 * each);
        for (int seed = 0; seed < 20; seed++) {
            CrashStore after = store.crash(new SplittableRandom(seed));
            assertThat(Snapshots.open(after).complete()).as("durable").isEqualTo(files.complete());
        }
        assertThatThrownBy(() -> files.retain(0)).isInstanceOf(Invariant.Broken.class);
    }

    @Test
    void aNeededOneStaysWhateverItsAge() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        for (int position = 1; position <= 5; position++) {
            Snapshots.write(files, position, Snapshots.content(position, 90));
        }
        files.retain(2, position -> position == 2);
        assertThat(files.complete())
                .extracting(SnapshotDescription::position)
                .containsExactly(5L, 4L, 2L);
        assertThat(Snapshots.read(files, 2)).isEqualTo(Snapshots.content(2, 90));
        files.retain(2);
        assertThat(files.complete())
                .extracting(SnapshotDescription::position)
                .containsExactly(5L, 4L);
    }

    /// To give back a gigabyte at once keeps every sync of the disk waiting.
    @Test
    void aLargeOneIsShortenedBitByBit() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        for (int position = 1; position <= 3; position++) {
            Snapshots.write(files, position, Snapshots.content(position, 5 * Snapshots.CUT));
        }
        long each = files.totalBytes() / 3;
        files.retain(2);
        String dead = SnapshotName.dead(1);
        assertThat(store.list())
                .containsExactly(dead, SnapshotName.complete(2), SnapshotName.complete(3));
        assertThat(files.totalBytes()).isEqualTo(3 * each);
        List<SnapshotDescription> kept = files.complete();
        assertThat(kept).hasSize(2);
        for (long left = each; left > 0; left -= Snapshots.CUT) {
            assertThat(files.hasRemains()).isTrue();
            assertThat(files.remainingBytes()).isEqualTo(left);
            assertThat(files.totalBytes()).isEqualTo(2 * each + left);
            assertThat(store.bytes(dead)).hasSize((int) left);
            isRemovedAtTheNextOpen(kept);
            files.shorten();
        }
        assertThat(files.hasRemains()).isFalse();
        assertThat(files.totalBytes()).isEqualTo(2 * each);
        assertThat(store.list()).hasSize(2);
        files.shorten();
        assertThat(store.list()).as("nothing is left to shorten").hasSize(2);
    }

    /// A part of a snapshot is never taken for one, and nobody is told of damage.
    private void isRemovedAtTheNextOpen(List<SnapshotDescription> kept) throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            CrashStore after = seed == 0 ? store.copy() : store.crash(new SplittableRandom(seed));
            SnapshotFiles files = Snapshots.open(after);
            assertThat(files.complete()).isEqualTo(kept);
            assertThat(files.damaged()).isEmpty();
            assertThat(files.hasRemains()).isFalse();
            assertThat(after.list()).hasSize(2);
        }
    }

    @Test
    void whatIsDamagedIsKeptUntilThereAreEnoughOthers() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, 10, new byte[90]);
        Snapshots.write(files, 20, new byte[90]);
        store.bytes(SnapshotName.complete(20))[200] ^= 1;
        assertThatThrownBy(() -> files.verify(20)).isInstanceOf(SnapshotDamagedException.class);
        files.markDamaged(20);
        files.markDamaged(20);
        store.put(SnapshotName.complete(30), new byte[10]);

        for (SnapshotFiles now : List.of(files, Snapshots.open(store))) {
            assertThat(now.complete())
                    .extracting(SnapshotDescription::position)
                    .containsExactly(10L);
            assertThat(now.damaged())
                    .contains(
                            "snapshot-0000000000000000020.bad is a snapshot that was found damaged"
                                    + " and set aside; it is deleted when there are enough others: look"
                                    + " after the disk");
        }
        SnapshotFiles again = Snapshots.open(store);
        assertThat(again.damaged())
                .contains(
                        "the snapshot is damaged: snapshot-0000000000000000030.snap at offset 0:"
                                + " the header is not intact: look after the disk; an older one or"
                                + " another member's takes its place, or with a backup another"
                                + " backup");
        again.retain(2);
        assertThat(again.damaged()).hasSize(2);
        Snapshots.write(again, 30, new byte[90]);
        assertThat(again.damaged()).as("30 was written anew").hasSize(1);
        again.retain(2);
        assertThat(again.damaged()).isEmpty();
        assertThat(store.list())
                .containsExactly(SnapshotName.complete(10), SnapshotName.complete(30));
        assertThat(again.totalBytes())
                .isEqualTo(
                        store.bytes(SnapshotName.complete(10)).length
                                + store.bytes(SnapshotName.complete(30)).length);
    }

    @Test
    void whatCannotBeReadIsDamaged() throws IOException {
        Snapshots.write(Snapshots.open(store), 10, new byte[90]);
        FaultyStore faulty = new FaultyStore(store);
        SnapshotFiles files = Snapshots.open(faulty);
        faulty.failsRead = true;
        assertThatThrownBy(() -> files.verify(10))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("it cannot be read there (a bad sector)");
        assertThat(Snapshots.open(faulty).damaged()).hasSize(1);
    }

    @Test
    void aDescriptionIsPossible() {
        Bytes digest = Bytes.wrap(new byte[32]);
        assertThat(new SnapshotDescription(0, 0, 0, digest)).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SnapshotDescription(1, 2, 0, digest))
                .withMessage(
                        "no snapshot has position 1, 2 chunks, 0 bytes and a digest of 32 bytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SnapshotDescription(-1, 0, 0, digest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SnapshotDescription(0, -1, 5, digest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SnapshotDescription(0, 0, 5, digest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SnapshotDescription(0, 3, 2, digest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SnapshotDescription(0, 0, 0, Bytes.EMPTY));
    }

    @Test
    void largeSnapshotsAreForcedOnTheWay() throws IOException {
        SnapshotFiles files = SnapshotFiles.open(store, Snapshots.LABEL);
        try (SnapshotWriting writing = files.begin(1)) {
            writing.out().write(new byte[16 * SnapshotFiles.CHUNK_BYTES]);
            assertThat(store.forces).isEqualTo(4);
            Snapshots.publish(writing);
            assertThat(store.forces).isEqualTo(5);
        }
        try (StoredFile file = store.open(SnapshotName.complete(1))) {
            assertThat(file.size()).isEqualTo(files.totalBytes());
        }
    }
}
