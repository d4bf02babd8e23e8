package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testkit.disk.DiskBound;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

class DiskUseTest {

    private static final DiskBound BOUND = new DiskBound(1_000, 100);

    @TempDir Path directory;

    private static void await(BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).isLessThan(30_000_000_000L);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// As of a replica that takes snapshots and drops nothing of its journal.
    @Test
    void aJournalThatKeepsItsBeginningIsNoticed() throws IOException {
        Path fine = Files.createDirectory(directory.resolve("1"));
        Path grows = Files.createDirectory(directory.resolve("2"));
        Files.write(fine.resolve("snapshot-0000000000000000007.snap"), new byte[5_000]);
        Files.write(fine.resolve("1.seg"), new byte[9_400]);
        Files.write(grows.resolve("snapshot-0000000000000000007.snap"), new byte[300]);
        Files.write(grows.resolve("snapshot-0000000000000000009.snap"), new byte[300]);
        for (int segment = 1; segment <= 44; segment++) {
            Files.write(grows.resolve(segment + ".seg"), new byte[100]);
        }
        try (DiskUse disks = new DiskUse(List.of(fine, grows), BOUND)) {
            await(() -> disks.looks() > 1);
            assertThat(disks.exceeded()).isEmpty();
            Files.write(grows.resolve("45.seg"), new byte[100]);
            await(() -> !disks.exceeded().isEmpty());
            assertThat(disks.exceeded())
                    .isEqualTo(
                            "the data directory of replica 2 has 4500 bytes of journal and 600 of"
                                    + " snapshots, more than twice the state (300) and a window of"
                                    + " 4400 bytes");
        }
    }

    @Test
    void everyReplicaHasALineThatEndsWhereItsDataDo() {
        String drawing =
                DiskUse.drawing(
                        List.of(
                                new DiskUse.Sample(0, List.of(0L, 1L << 20)),
                                new DiskUse.Sample(60, List.of(4L << 20, 2L << 20))));
        assertThat(drawing)
                .contains("points=\"70.0,315.0 790.0,40.0 \"")
                .contains("points=\"70.0,246.3 790.0,177.5 \"")
                .contains(">replica 2<")
                .contains(">4.0<")
                .contains(">1.0 min<");
    }

    @Test
    void itLooksAtAllFiles() throws IOException {
        Files.write(directory.resolve("a"), new byte[1_000]);
        Files.write(directory.resolve("b"), new byte[500]);
        assertThat(DiskUse.in(directory).total()).isEqualTo(1_500);
        assertThat(DiskUse.in(directory.resolve("gone")).total()).isZero();
        Path drawing = directory.resolve("disks.svg");
        try (DiskUse disks = new DiskUse(List.of(directory), BOUND)) {
            disks.draw(drawing);
            long start = System.nanoTime();
            while (!Files.readString(drawing).contains("replica 1")) {
                assertThat(System.nanoTime() - start).isLessThan(30_000_000_000L);
                LockSupport.parkNanos(1_000_000);
                disks.draw(drawing);
            }
        }
    }
}
