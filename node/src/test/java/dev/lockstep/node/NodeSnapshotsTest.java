package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.journal.MemoryStore;
import dev.lockstep.journal.SnapshotFiles;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// The thread on which a node's snapshots are written and read.
@Timeout(30)
class NodeSnapshotsTest {

    private static final int CHUNK = SnapshotFiles.CHUNK_BYTES;
    private static final int CHUNKS = 4;

    private interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    private final MemoryStore store = new MemoryStore();
    private final List<SnapshotEvent> heard = new ArrayList<>();
    private final NodeSnapshots snapshots;
    private Runnable atClose = () -> {};

    NodeSnapshotsTest() throws IOException {
        snapshots = new NodeSnapshots(SnapshotFiles.open(store, Bytes.EMPTY), "test-7", () -> {});
    }

    @AfterEach
    void close() {
        snapshots.close();
    }

    private void begin(long position, Writer writer) {
        snapshots.write(
                position,
                new SnapshotContent() {
                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        writer.writeTo(out);
                    }

                    @Override
                    public void close() {
                        atClose.run();
                    }
                });
    }

    private void write(long position) {
        int before = heard.size();
        begin(position, out -> out.write(new byte[CHUNKS * CHUNK]));
        Conditions.await(
                () -> {
                    snapshots.poll(heard::add);
                    return heard.size() > before;
                });
        assertThat(heard).last().isInstanceOf(SnapshotEvent.Written.class);
    }

    private static boolean isAtWork() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("test-7-snapshots"));
    }

    private void keeps(Long... positions) {
        assertThat(snapshots.kept())
                .extracting(SnapshotDescription::position)
                .containsExactly(positions);
    }

    private void isRead(long position, int chunk) {
        List<Integer> sizes = new ArrayList<>();
        snapshots.read(position, chunk, bytes -> sizes.add(bytes == null ? 0 : bytes.size()));
        Conditions.await(
                () -> {
                    snapshots.poll(heard::add);
                    return !sizes.isEmpty();
                });
        assertThat(sizes.getFirst()).isGreaterThan(CHUNK);
    }

    /// Whoever opens the files next must be alone with them.
    @Test
    void closingEndsAServiceThatIsStuckAndWaitsForTheThread() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        begin(
                1,
                _ -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
        begun.await();
        assertThat(isAtWork()).isTrue();
        snapshots.close();
        assertThat(isAtWork()).isFalse();
        assertThat(snapshots.kept()).isEmpty();
    }

    @Test
    void closingWaitsForAServiceThatHearsNothing() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        long patience = 2_500_000_000L;
        begin(
                1,
                _ -> {
                    begun.countDown();
                    long end = System.nanoTime() + patience;
                    while (System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                });
        begun.await();
        snapshots.close();
        assertThat(isAtWork()).isFalse();
        assertThat(snapshots.kept()).isEmpty();
    }

    @Test
    void closingEndsAWritingAtTheNextChunk() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        begin(
                1,
                out -> {
                    while (true) {
                        out.write(new byte[CHUNK]);
                        begun.countDown();
                    }
                });
        begun.await();
        long start = System.nanoTime();
        snapshots.close();
        assertThat(isAtWork()).isFalse();
        assertThat(System.nanoTime() - start).as("uninterrupted").isLessThan(900_000_000L);
    }

    @Test
    void aServiceThatThrowsAtTheEndHasItsSnapshotAllTheSame() {
        atClose =
                () -> {
                    throw new IllegalStateException("closed twice");
                };
        write(1);
        write(2);
        keeps(2L, 1L);
    }

    @Test
    void whatIsBeingReadStaysUntilItWasReadToTheEnd() {
        for (long position = 1; position <= 2; position++) {
            write(position);
        }
        isRead(1, 0);
        for (long position = 3; position <= 5; position++) {
            write(position);
        }
        keeps(5L, 4L, 1L);
        isRead(4, 0);
        write(6);
        keeps(6L, 5L, 1L);
        for (int chunk = 1; chunk < CHUNKS; chunk++) {
            isRead(1, chunk);
        }
        write(7);
        keeps(7L, 6L);
    }

    @Test
    void oneThatIsBeingWrittenIsNotReservedTwice() throws InterruptedException {
        assertThat(snapshots.reserveBytes()).isZero();
        write(1);
        long whole = snapshots.reserveBytes();
        assertThat(whole).isBetween(CHUNKS * CHUNK - 1_000L, (long) CHUNKS * CHUNK);
        CountDownLatch half = new CountDownLatch(1);
        CountDownLatch rest = new CountDownLatch(1);
        begin(
                2,
                out -> {
                    out.write(new byte[CHUNKS / 2 * CHUNK]);
                    half.countDown();
                    try {
                        rest.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    out.write(new byte[CHUNKS / 2 * CHUNK]);
                });
        half.await();
        assertThat(snapshots.reserveBytes()).isBetween(whole / 2 - 1_000, whole / 2);
        rest.countDown();
        Conditions.await(
                () -> {
                    snapshots.poll(heard::add);
                    return heard.size() == 2;
                });
        assertThat(snapshots.reserveBytes()).isBetween(whole - 1_000, whole);
    }
}
