package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/// A snapshot crosses from one member's files to another's, with interruptions.
class SnapshotReceivingTest {

    private static final int CHUNK = Snapshots.CHUNK;

    private final CrashStore sending = new CrashStore();
    private CrashStore store = new CrashStore();
    private SnapshotFiles sender;
    private SnapshotDescription description;

    @BeforeEach
    void write() throws IOException {
        sender = Snapshots.open(sending);
        description = Snapshots.write(sender, 9, Snapshots.content(9, 6 * CHUNK + 2));
    }

    private void addFrom(SnapshotReceiving receiving, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            receiving.add(sender.chunk(9, receiving.nextChunk()));
        }
    }

    @Test
    void theFilesOfBothMembersAreTheSame() throws IOException {
        for (int size : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 9 * CHUNK}) {
            SnapshotDescription sent = Snapshots.write(sender, 100 + size, new byte[size]);
            SnapshotFiles files = Snapshots.open(store);
            try (SnapshotReceiving receiving = files.receive(sent)) {
                assertThat(receiving.isComplete()).isEqualTo(size == 0);
                while (!receiving.isComplete()) {
                    receiving.add(sender.chunk(100 + size, receiving.nextChunk()));
                }
                Snapshots.publish(receiving);
            }
            assertThat(files.complete().getFirst()).isEqualTo(sent);
            assertThat(Snapshots.read(files, 100 + size)).isEqualTo(new byte[size]);
            String name = SnapshotName.complete(100 + size);
            assertThat(store.bytes(name)).isEqualTo(sending.bytes(name));
        }
    }

    @Test
    void everyChunkMayBeTheLastBeforeAPauseOrARestart() throws IOException {
        for (int received = 0; received <= description.chunks(); received++) {
            store = new CrashStore();
            SnapshotFiles files = Snapshots.open(store);
            try (SnapshotReceiving receiving = files.receive(description)) {
                addFrom(receiving, received);
            }
            assertThat(files.complete()).isEmpty();
            try (SnapshotReceiving receiving = files.receive(description)) {
                assertThat(receiving.nextChunk()).as("after a pause").isEqualTo(received);
            }
            files = Snapshots.open(store);
            assertThat(files.totalBytes()).isEqualTo(store.bytes(store.list().getFirst()).length);
            try (SnapshotReceiving receiving = files.receive(description)) {
                assertThat(receiving.nextChunk()).as("after a restart").isEqualTo(received);
                addFrom(receiving, description.chunks() - received);
                Snapshots.publish(receiving);
            }
            assertThat(files.complete()).containsExactly(description);
            assertThat(store.list()).containsExactly(SnapshotName.complete(9));
            files.verify(9);
        }
    }

    @Test
    void whatIsTornIsReceivedAgain() throws IOException {
        String name = SnapshotName.received(description);
        SnapshotFiles files = Snapshots.open(store);
        SnapshotReceiving first = files.receive(description);
        addFrom(first, 5);
        first.close();
        byte[] whole = store.bytes(name).clone();
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            int intact =
                    at < SnapshotHeader.BYTES
                            ? 0
                            : (at - SnapshotHeader.BYTES) / (CHUNK + SnapshotChunk.HEADER_BYTES);
            resumes(name, flipped, intact);
            resumes(name, Arrays.copyOf(whole, at), intact);
        }
        resumes(name, Arrays.copyOf(whole, whole.length + 700), 5);
    }

    private void resumes(String name, byte[] content, int chunks) throws IOException {
        store = new CrashStore();
        store.put(name, content);
        SnapshotFiles files = Snapshots.open(store);
        try (SnapshotReceiving receiving = files.receive(description)) {
            assertThat(receiving.nextChunk()).isEqualTo(chunks);
            addFrom(receiving, description.chunks() - chunks);
            Snapshots.publish(receiving);
        }
        assertThat(store.bytes(SnapshotName.complete(9)))
                .isEqualTo(sending.bytes(SnapshotName.complete(9)));
    }

    @Test
    void nothingOfAnotherSnapshotIsContinued() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        byte[] digest = description.digest().toByteArray();
        digest[31] ^= 1;
        int chunks = description.chunks();
        long size = description.sizeBytes();
        for (SnapshotDescription other :
                new SnapshotDescription[] {
                    new SnapshotDescription(10, chunks, size, description.digest()),
                    new SnapshotDescription(9, chunks, size - 1, description.digest()),
                    new SnapshotDescription(9, chunks, size, Bytes.wrap(digest))
                }) {
            try (SnapshotReceiving receiving = files.receive(description)) {
                addFrom(receiving, 3);
            }
            try (SnapshotReceiving receiving = files.receive(other)) {
                assertThat(receiving.nextChunk()).isZero();
            }
            assertThat(store.list()).containsExactly(SnapshotName.received(other));
            assertThat(files.totalBytes()).isEqualTo(SnapshotHeader.BYTES);
        }
    }

    @Test
    void onlyTheNextChunkIsTaken() throws IOException {
        SnapshotDescription other = Snapshots.write(sender, 8, new byte[6 * CHUNK + 2]);
        assertThat(other.chunks()).isEqualTo(description.chunks());
        SnapshotFiles stranger =
                SnapshotFiles.open(new CrashStore(), Bytes.wrap(new byte[] {1}), CHUNK);
        Snapshots.write(stranger, 9, Snapshots.content(9, 6 * CHUNK + 2));
        SnapshotFiles files = Snapshots.open(store);
        SnapshotReceiving receiving = files.receive(description);
        addFrom(receiving, 1);
        refuses(receiving, sender.chunk(9, 0), "there is chunk 0 in the place of chunk 1");
        refuses(receiving, sender.chunk(9, 2), "there is chunk 2 in the place of chunk 1");
        refuses(
                receiving,
                sender.chunk(8, 1),
                "there is a chunk of the snapshot at 8, not of that at 9");
        refuses(receiving, stranger.chunk(9, 1), "the header of chunk 1 is not intact");
        refuses(receiving, Bytes.EMPTY, "the header of chunk 1 is not intact");
        byte[] next = sender.chunk(9, 1).toByteArray();
        refuses(
                receiving,
                Bytes.wrap(Arrays.copyOf(next, next.length - 1)),
                "chunk 1 has 39 bytes of content and says 40, it must have 40");
        refuses(
                receiving,
                Bytes.wrap(Arrays.copyOf(next, next.length + 1)),
                "chunk 1 has 41 bytes of content and says 40, it must have 40");
        for (int bit = 0; bit < 8 * next.length; bit++) {
            byte[] flipped = next.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            refuses(receiving, Bytes.wrap(flipped), "is not intact");
        }
        addFrom(receiving, 6);
        refuses(receiving, sender.chunk(9, 6), "all 7 chunks are there already");
        Snapshots.publish(receiving);
        assertThat(files.complete()).containsExactly(description);
    }

    @Test
    void aChunkOfAnotherVersionIsRefused() throws IOException {
        SnapshotReceiving receiving = Snapshots.open(store).receive(description);
        byte[] chunk = sender.chunk(9, 0).toByteArray();
        chunk[28] = 2;
        int crc = SnapshotChunk.crcAfterLabel(Snapshots.LABEL, Bytes.wrap(chunk, 4, 28));
        Frame.littleEndian(ByteBuffer.wrap(chunk)).putInt(0, crc);
        refuses(
                receiving,
                Bytes.wrap(chunk),
                "chunk 0 has snapshot format 2, and this version of Lockstep reads format 1");
    }

    private static void refuses(SnapshotReceiving receiving, Bytes chunk, String found) {
        int next = receiving.nextChunk();
        assertThatThrownBy(() -> receiving.add(chunk))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageStartingWith("what was received for snapshot-0000000000000000009-242-")
                .hasMessageContaining(".part at offset ")
                .hasMessageContaining(found)
                .hasMessageEndingWith("; ask for it again, or ask another member");
        assertThat(receiving.nextChunk()).isEqualTo(next);
    }

    @Test
    void chunksOfTwoSnapshotsAtOnePositionMakeNone() throws IOException {
        SnapshotFiles second = Snapshots.open(new CrashStore());
        Snapshots.write(second, 9, Snapshots.content(8, 6 * CHUNK + 2));
        SnapshotFiles files = Snapshots.open(store);
        SnapshotReceiving receiving = files.receive(description);
        addFrom(receiving, 6);
        receiving.add(second.chunk(9, 6));
        assertThatThrownBy(receiving::advance)
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining(
                        "the chunks together do not have the digest that was announced");
        assertThat(store.list()).isEmpty();
        assertThat(files.totalBytes()).isZero();
        assertThatThrownBy(receiving::advance).isInstanceOf(Invariant.Broken.class);
        assertThat(files.receive(description).nextChunk()).isZero();
    }

    @Test
    void whatNoSnapshotCanBeIsRefused() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        SnapshotDescription wrong = new SnapshotDescription(9, 3, 5 * CHUNK, description.digest());
        assertThatThrownBy(() -> files.receive(wrong))
                .isInstanceOf(SnapshotDamagedException.class)
                .hasMessageContaining("200 bytes are not cut into 3 chunks of up to 40");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void roomForAllOfItIsAskedForFirst() throws IOException {
        long bytes = sending.bytes(SnapshotName.complete(9)).length;
        SnapshotFiles files = Snapshots.open(store);
        store.freeBytes = bytes - 1;
        assertThatThrownBy(() -> files.receive(description))
                .isInstanceOf(DiskFullException.class)
                .hasMessage(
                        "no room to receive the snapshot at position 9: "
                                + bytes
                                + " bytes of it are to come, "
                                + (bytes - 1)
                                + " are free");
        assertThat(store.list()).isEmpty();
        store.freeBytes = bytes;
        try (SnapshotReceiving receiving = files.receive(description)) {
            addFrom(receiving, 4);
        }
        assertThat(files.receive(description).nextChunk()).as("what is there counts").isEqualTo(4);
    }

    @Test
    void roomIsAllThatAFullDiskNeeds() throws IOException {
        long bytes = sending.bytes(SnapshotName.complete(9)).length;
        for (int free = 0; free < bytes; free++) {
            store = new CrashStore();
            SnapshotFiles files = Snapshots.open(store);
            store.saysUsable = false;
            try (SnapshotReceiving receiving = files.receive(description)) {
                store.freeBytes = free;
                int refusals = 0;
                boolean done = false;
                while (!done) {
                    try {
                        if (receiving.isComplete()) {
                            done = receiving.advance();
                        } else {
                            addFrom(receiving, 1);
                        }
                    } catch (DiskFullException e) {
                        refusals++;
                        store.freeBytes = bytes;
                    }
                }
                assertThat(refusals).isEqualTo(free < bytes - SnapshotHeader.BYTES ? 1 : 0);
            }
            assertThat(store.bytes(SnapshotName.complete(9)))
                    .isEqualTo(sending.bytes(SnapshotName.complete(9)));
        }
    }

    @Test
    void afterAFailedSyncNothingIsKept() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        SnapshotReceiving receiving = files.receive(description);
        addFrom(receiving, 7);
        assertThat(receiving.advance()).isFalse();
        store.failsForce = true;
        assertThatThrownBy(receiving::advance).hasMessage("the disk failed");
        store.failsForce = false;
        assertThatThrownBy(receiving::advance).isInstanceOf(Invariant.Broken.class);
        receiving.close();
        receiving.close();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void partsGoWhenTheyAreAskedToOrOfNoUse() throws IOException {
        SnapshotFiles files = Snapshots.open(store);
        SnapshotReceiving given = files.receive(description);
        addFrom(given, 2);
        assertThatThrownBy(() -> files.receive(description)).isInstanceOf(Invariant.Broken.class);
        assertThatThrownBy(given::advance).isInstanceOf(Invariant.Broken.class);
        given.abandon();
        given.close();
        assertThat(store.list()).isEmpty();

        SnapshotReceiving kept = files.receive(description);
        addFrom(kept, 2);
        Snapshots.write(files, 20, new byte[1]);
        files.retain(1);
        assertThat(store.list()).as("in use").contains(SnapshotName.received(description));
        kept.close();
        files.retain(1);
        assertThat(store.list()).containsExactly(SnapshotName.complete(20));

        SnapshotDescription newer = Snapshots.write(sender, 21, new byte[50]);
        files.receive(newer).close();
        files.retain(1);
        assertThat(store.list()).contains(SnapshotName.received(newer));
    }

    @Test
    void whatWasForcedSurvivesAPowerFailure() throws IOException {
        int chunk = SnapshotFiles.CHUNK_BYTES;
        SnapshotFiles large = SnapshotFiles.open(new CrashStore(), Snapshots.LABEL);
        SnapshotDescription described =
                Snapshots.write(large, 10, Snapshots.content(1, 11 * chunk));
        for (int seed = 0; seed < 10; seed++) {
            CrashStore disk = new CrashStore();
            SnapshotFiles files = SnapshotFiles.open(disk, Snapshots.LABEL);
            SnapshotReceiving receiving = files.receive(described);
            for (int i = 0; i < 10; i++) {
                receiving.add(large.chunk(10, i));
            }
            CrashStore after = disk.crash(new SplittableRandom(seed));
            files = SnapshotFiles.open(after, Snapshots.LABEL);
            assertThat(files.receive(described).nextChunk()).isBetween(8, 10);
        }
    }
}
