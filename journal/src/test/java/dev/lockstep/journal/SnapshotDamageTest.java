package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Changed bytes are noticed, in every place: never other bytes than those that were written, never
/// fewer with an end behind them, never another exception, and the older snapshot stays.
class SnapshotDamageTest {

    private static final int CHUNK = Snapshots.CHUNK;
    private static final long OLD = 1;
    private static final long NEW = 2;
    private static final String NAME = SnapshotName.complete(NEW);

    private final CrashStore store = new CrashStore();
    private byte[] content = new byte[0];

    private byte[] written(int size) throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, OLD, Snapshots.content(OLD, 3));
        content = Snapshots.content(NEW, size);
        Snapshots.write(files, NEW, content);
        return store.bytes(NAME).clone();
    }

    @Test
    void everyBit() throws IOException {
        for (int size : new int[] {0, 1, CHUNK, 2 * CHUNK + 7}) {
            byte[] whole = written(size);
            for (int bit = 0; bit < 8 * whole.length; bit++) {
                byte[] flipped = whole.clone();
                flipped[bit / 8] ^= (byte) (1 << (bit % 8));
                noticesAtOpening(flipped, bit / 8);
                noticesWhenOpen(whole, flipped);
            }
            store.delete(SnapshotName.complete(OLD));
            store.delete(NAME);
        }
    }

    @Test
    void everyByteOfALargerOne() throws IOException {
        byte[] whole = written(40 * CHUNK + 1);
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] = (byte) ~changed[at];
            noticesAtOpening(changed, at);
        }
    }

    @Test
    void everyLength() throws IOException {
        byte[] whole = written(3 * CHUNK);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            noticesAtOpening(cut, length);
            noticesWhenOpen(whole, cut);
            byte[] zeroed = Arrays.copyOf(cut, whole.length);
            if (!Arrays.equals(zeroed, whole)) {
                noticesAtOpening(zeroed, length);
                noticesWhenOpen(whole, zeroed);
            }
        }
        for (int more : new int[] {1, 64, 1000}) {
            byte[] longer = Arrays.copyOf(whole, whole.length + more);
            noticesAtOpening(longer, whole.length);
            noticesWhenOpen(whole, longer);
        }
    }

    @Test
    void chunksInAnotherOrderOrFromAnotherSnapshot() throws IOException {
        byte[] whole = written(5 * CHUNK);
        int chunk = SnapshotChunk.HEADER_BYTES + CHUNK;
        SnapshotFiles other = Snapshots.open(new CrashStore());
        Snapshots.write(other, OLD, content);
        for (int to = 0; to < 5; to++) {
            int at = SnapshotHeader.BYTES + to * chunk;
            for (int from = 0; from < 5; from++) {
                if (from != to) {
                    byte[] moved = whole.clone();
                    int source = SnapshotHeader.BYTES + from * chunk;
                    System.arraycopy(whole, source, moved, at, chunk);
                    noticesAtOpening(moved, at);
                }
            }
            byte[] moved = whole.clone();
            other.chunk(OLD, to).copyTo(moved, at);
            noticesAtOpening(moved, at);
        }
        byte[] exchanged = store.bytes(SnapshotName.complete(OLD)).clone();
        noticesAtOpening(exchanged, 0);
    }

    @Test
    void bytesThatAreMissingOrTooManyAreNoticedAtOpening() throws IOException {
        byte[] whole = written(5 * CHUNK);
        int chunk = SnapshotChunk.HEADER_BYTES + CHUNK;
        for (int at = SnapshotHeader.BYTES; at < whole.length - SnapshotTrailer.BYTES; at++) {
            byte[] shorter = Arrays.copyOf(whole, whole.length - chunk);
            int rest = Math.max(0, shorter.length - at);
            System.arraycopy(whole, whole.length - rest, shorter, shorter.length - rest, rest);
            byte[] longer = Arrays.copyOf(whole, whole.length + chunk);
            System.arraycopy(whole, at, longer, at + chunk, whole.length - at);
            for (byte[] other : List.of(shorter, longer)) {
                noticesAtOpening(other, 0);
            }
        }
    }

    @Test
    void aHeaderOfAnotherSnapshot() throws IOException {
        byte[] whole = written(5 * CHUNK);
        byte[] old = store.bytes(SnapshotName.complete(OLD));
        byte[] mixed = whole.clone();
        System.arraycopy(old, 0, mixed, 0, SnapshotHeader.BYTES);
        noticesAtOpening(mixed, 0);
        noticesWhenOpen(whole, mixed);
        assertThat(Snapshots.open(store).damaged().getFirst())
                .contains(" at offset 0: the header says that it is the snapshot at 1:");
    }

    @Test
    void aTrailerOfAnotherSnapshot() throws IOException {
        byte[] whole = written(5 * CHUNK);
        SnapshotFiles files = Snapshots.open(store);
        Snapshots.write(files, 3, Snapshots.content(3, 5 * CHUNK));
        byte[] other = store.bytes(SnapshotName.complete(3)).clone();
        store.delete(SnapshotName.complete(3));
        byte[] mixed = whole.clone();
        int at = whole.length - SnapshotTrailer.BYTES;
        System.arraycopy(other, at, mixed, at, SnapshotTrailer.BYTES);
        noticesAtOpening(mixed, 0);
        noticesWhenOpen(whole, mixed);
    }

    /// Such as a version that is not this one may seal.
    @Test
    void aTrailerThatContradictsItselfIsNone() {
        Bytes digest = Bytes.wrap(new byte[SnapshotDescription.DIGEST_BYTES]);
        SnapshotDescription possible = new SnapshotDescription(5, 3, 2 * CHUNK + 1, digest);
        byte[] trailer = new byte[SnapshotTrailer.BYTES];
        SnapshotTrailer.encode(possible, Snapshots.LABEL).get(0, trailer);
        assertThat(decoded(trailer)).isEqualTo(possible);
        ByteBuffer fields = Frame.littleEndian(ByteBuffer.wrap(trailer));
        for (int chunks : new int[] {-1, 0, 2, 4, Integer.MAX_VALUE}) {
            fields.putInt(8, chunks);
            assertThat(decoded(trailer)).as("%d chunks", chunks).isNull();
        }
        fields.putInt(8, 3);
        for (long size : new long[] {-1, 0, 2 * CHUNK, 3 * CHUNK + 1, Long.MAX_VALUE}) {
            fields.putLong(24, size);
            assertThat(decoded(trailer)).as("%d bytes", size).isNull();
        }
    }

    private static @Nullable SnapshotDescription decoded(byte[] trailer) {
        Bytes checked = Bytes.wrap(trailer, 4, trailer.length - 4);
        int crc = SnapshotChunk.crcAfterLabel(Snapshots.LABEL, checked);
        Frame.littleEndian(ByteBuffer.wrap(trailer)).putInt(0, crc);
        return SnapshotTrailer.decode(Bytes.wrap(trailer), Snapshots.LABEL, 5, CHUNK);
    }

    /// As a lost write leaves it where a file was abandoned before: each chunk is intact, in its
    /// place, and of a snapshot at this position. Only the whole is not what was written.
    @Test
    void theEndTellsOfChunksOfAnotherAttempt() throws IOException {
        byte[] whole = written(5 * CHUNK);
        SnapshotFiles other = Snapshots.open(new CrashStore());
        Snapshots.write(other, NEW, Snapshots.content(7, 5 * CHUNK));
        for (int index = 0; index < 5; index++) {
            byte[] mixed = whole.clone();
            int at = SnapshotHeader.BYTES + index * (SnapshotChunk.HEADER_BYTES + CHUNK);
            other.chunk(NEW, index).copyTo(mixed, at);
            store.put(NAME, mixed);
            SnapshotFiles files = Snapshots.open(store);
            assertThatThrownBy(() -> files.verify(NEW))
                    .isInstanceOf(SnapshotDamagedException.class)
                    .hasMessageContaining("the digest there is not that of the content");
        }
    }

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void anyDamage(@ForAll long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CrashStore disk = new CrashStore();
        byte[] intact = Snapshots.content(NEW, random.nextInt(6 * CHUNK));
        Snapshots.write(Snapshots.open(disk), NEW, intact);
        byte[] bytes = disk.bytes(NAME).clone();
        for (int n = random.nextInt(1, 4); n > 0; n--) {
            int from = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, from + 1 + random.nextInt(100));
            switch (random.nextInt(4)) {
                case 0 -> Arrays.fill(bytes, from, to, (byte) random.nextInt(256));
                case 1 -> bytes[from] += (byte) random.nextInt(1, 256);
                case 2 -> System.arraycopy(bytes, from, bytes, random.nextInt(from + 1), to - from);
                default -> bytes = Arrays.copyOf(bytes, to);
            }
        }
        boolean changed = !Arrays.equals(bytes, disk.bytes(NAME));
        disk.put(NAME, bytes);
        SnapshotFiles files = Snapshots.open(disk);
        try {
            byte[] read = files.complete().isEmpty() ? null : Snapshots.read(files, NEW);
            assertThat(changed && read != null).isFalse();
        } catch (SnapshotDamagedException e) {
            assertThat(changed).isTrue();
        }
    }

    /// Opens a store in which the newest snapshot is this.
    private void noticesAtOpening(byte[] file, int at) throws IOException {
        store.put(NAME, file);
        SnapshotFiles files = Snapshots.open(store);
        if (files.complete().size() == 2) {
            assertThat(files.damaged()).isEmpty();
            failsToRead(files);
            assertThatThrownBy(() -> files.verify(NEW))
                    .isInstanceOfSatisfying(
                            SnapshotDamagedException.class,
                            e -> {
                                assertThat(e.file()).isEqualTo(NAME);
                                assertThat(e.position()).isEqualTo(NEW);
                                assertThat(e).hasMessageContaining(NAME + " at offset ");
                                assertThat(at).as("within a chunk").isGreaterThan(127);
                            });
            files.markDamaged(NEW);
            store.delete(SnapshotName.setAside(NEW));
        } else {
            assertThat(files.damaged()).hasSize(1);
            assertThat(files.damaged().getFirst())
                    .startsWith("the snapshot is damaged: " + NAME + " at offset ");
        }
        assertThat(files.complete()).extracting(SnapshotDescription::position).containsExactly(OLD);
        assertThat(Snapshots.read(files, OLD)).isEqualTo(Snapshots.content(OLD, 3));
    }

    /// Damages the newest snapshot when it was found intact.
    private void noticesWhenOpen(byte[] whole, byte[] file) throws IOException {
        store.put(NAME, whole);
        SnapshotFiles files = Snapshots.open(store);
        store.put(NAME, file);
        failsToRead(files);
    }

    /// Reads to the damage: no more than the beginning of the content, in whole chunks, and neither
    /// an end nor anything else after it. Each single chunk is intact or refused.
    private void failsToRead(SnapshotFiles files) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (InputStream in = files.read(NEW)) {
            try {
                in.transferTo(read);
                fail("the damage was not noticed");
            } catch (SnapshotDamagedException e) {
                assertThatThrownBy(in::read).isSameAs(e);
            }
        } catch (SnapshotDamagedException e) {
            assertThat(e.offset()).as("the header").isZero();
        }
        assertThat(read.size() % CHUNK == 0 || read.size() == content.length).isTrue();
        assertThat(read.toByteArray()).isEqualTo(Arrays.copyOf(content, read.size()));
    }
}
