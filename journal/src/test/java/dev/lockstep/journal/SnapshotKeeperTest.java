package dev.lockstep.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.port.SnapshotContent;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.SnapshotEvent;
import dev.lockstep.core.port.StoredFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What the keeper makes of content that throws, and of a disk that does.
class SnapshotKeeperTest {

    private interface Writer {
        void writeTo(OutputStream out) throws IOException;
    }

    private final FaultyStore disk = new FaultyStore(new CrashStore());
    private final List<SnapshotEvent> heard = new ArrayList<>();
    private final SnapshotKeeper keeper;
    private int closed;

    /// How often the keeper let others have the disk.
    private int breaks;

    private long needed = -1;

    SnapshotKeeperTest() throws IOException {
        keeper =
                new SnapshotKeeper(
                        Snapshots.open(disk),
                        heard::add,
                        () -> breaks++,
                        position -> position == needed);
    }

    private void write(long position, Writer writer) throws IOException {
        write(position, writer, Integer.MAX_VALUE);
    }

    private void write(long position, Writer writer, int mostSteps) throws IOException {
        SnapshotContent content =
                new SnapshotContent() {
                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        writer.writeTo(out);
                    }

                    @Override
                    public void close() {
                        closed++;
                    }
                };
        keeper.add(new SnapshotOrder.Write(position, content));
        for (int step = 0; step < mostSteps && keeper.hasWork(); step++) {
            keeper.step();
        }
    }

    private static void some(OutputStream out) throws IOException {
        out.write(Snapshots.content(1, 3 * Snapshots.CHUNK));
    }

    private void fails(String reason) {
        assertThat(heard).containsExactly(new SnapshotEvent.Failed(reason));
        heard.clear();
        assertThat(keeper.kept()).isEmpty();
    }

    @Test
    void contentThatThrowsIsNoSnapshotAndNoFaultOfTheDisk() throws IOException {
        write(
                1,
                out -> {
                    some(out);
                    throw new IllegalStateException("lost count");
                });
        fails(
                "no snapshot was taken: the state could not be written:"
                        + " java.lang.IllegalStateException: lost count");
        write(
                2,
                out -> {
                    some(out);
                    throw new IOException("lost the thread");
                });
        fails(
                "no snapshot was taken: the state could not be written:"
                        + " java.io.IOException: lost the thread");
        assertThat(disk.list()).isEmpty();
        write(3, SnapshotKeeperTest::some);
        assertThat(heard).hasOnlyElementsOfType(SnapshotEvent.Written.class).hasSize(1);
        assertThat(closed).isEqualTo(3);
    }

    /// Another replica's may have come meanwhile.
    @Test
    void oneThatIsThereAlreadyIsNotWrittenAgain() throws IOException {
        write(3, SnapshotKeeperTest::some);
        SnapshotEvent first = heard.removeFirst();
        write(
                3,
                _ -> {
                    throw new IllegalStateException("nobody wants it");
                });
        assertThat(heard).containsExactly(first);
        assertThat(closed).isEqualTo(2);
        assertThat(keeper.kept()).hasSize(1);
    }

    @Test
    void aFullDiskIsToldAlsoIfTheContentCallsItOtherwise() throws IOException {
        disk.fault = FaultyStore.Fault.FULL;
        disk.at = disk.changes + 3;
        write(1, SnapshotKeeperTest::wrapped);
        fails("no snapshot was taken: full");
    }

    @Test
    void aBrokenDiskIsNoFaultOfTheContent() {
        disk.fault = FaultyStore.Fault.ERROR;
        disk.at = disk.changes + 3;
        assertThatThrownBy(() -> write(1, SnapshotKeeperTest::wrapped))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("the disk failed");
    }

    /// Otherwise neither a snapshot nor the journal before it would ever go.
    @Test
    void whereThereIsNoRoomForAThirdTheOlderGoes() throws IOException {
        write(1, SnapshotKeeperTest::some);
        write(2, SnapshotKeeperTest::some);
        heard.clear();
        disk.fault = FaultyStore.Fault.FULL;
        disk.at = disk.changes + 3;
        write(3, SnapshotKeeperTest::some);
        assertThat(heard).hasOnlyElementsOfType(SnapshotEvent.Written.class).hasSize(1);
        assertThat(keeper.kept()).extracting(SnapshotDescription::position).containsExactly(3L, 2L);
    }

    @Test
    void theOlderStaysIfTheNewestIsDamaged() throws IOException {
        write(1, SnapshotKeeperTest::some);
        write(2, SnapshotKeeperTest::some);
        heard.clear();
        String newest = SnapshotName.complete(2);
        try (StoredFile file = disk.open(newest)) {
            file.write(file.size() / 2, ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        }
        disk.fault = FaultyStore.Fault.FULL;
        disk.at = disk.changes + 3;
        write(3, SnapshotKeeperTest::some);
        assertThat(heard).hasSize(2).first().isInstanceOf(SnapshotEvent.Damaged.class);
        assertThat(keeper.kept()).extracting(SnapshotDescription::position).containsExactly(1L);
    }

    private static void much(OutputStream out) throws IOException {
        out.write(Snapshots.content(1, 10 * Snapshots.CUT));
    }

    private void isKept(Long... positions) {
        assertThat(keeper.kept())
                .extracting(SnapshotDescription::position)
                .containsExactly(positions);
    }

    @Test
    void anOldOneGoesBitByBitAndBeforeTheNextIsWritten() throws IOException {
        write(1, SnapshotKeeperTest::much);
        write(2, SnapshotKeeperTest::much);
        assertThat(breaks).isZero();
        write(3, SnapshotKeeperTest::much);
        assertThat(breaks).as("ten cuts and the headers").isGreaterThan(10);
        assertThat(disk.list()).containsExactly(SnapshotName.complete(2), SnapshotName.complete(3));
        isKept(3L, 2L);
        // It is told of before the old one is gone, so that nobody waits for that.
        write(4, SnapshotKeeperTest::much, 7);
        assertThat(heard).last().isInstanceOf(SnapshotEvent.Written.class);
        assertThat(disk.list()).contains(SnapshotName.dead(2));
        write(
                5,
                out -> {
                    assertThat(disk.list()).doesNotContain(SnapshotName.dead(2));
                    much(out);
                });
        isKept(5L, 4L);
    }

    @Test
    void whereThereIsNoRoomTheOlderGoesAtOnce() throws IOException {
        write(1, SnapshotKeeperTest::much);
        write(2, SnapshotKeeperTest::much);
        needed = 1;
        disk.fault = FaultyStore.Fault.FULL;
        disk.at = disk.changes + 3;
        write(
                3,
                out -> {
                    assertThat(disk.list().contains(SnapshotName.complete(1)))
                            .isEqualTo(disk.changes <= disk.at);
                    assertThat(disk.list()).doesNotContain(SnapshotName.dead(1));
                    much(out);
                });
        isKept(3L, 2L);
    }

    @Test
    void aNeededOneStaysUntilItIsNot() throws IOException {
        for (long position = 1; position <= 3; position++) {
            write(position, SnapshotKeeperTest::some);
        }
        needed = 2;
        write(4, SnapshotKeeperTest::some);
        write(5, SnapshotKeeperTest::some);
        isKept(5L, 4L, 2L);
        needed = -1;
        write(6, SnapshotKeeperTest::some);
        isKept(6L, 5L);
    }

    private static void wrapped(OutputStream out) {
        try {
            some(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
