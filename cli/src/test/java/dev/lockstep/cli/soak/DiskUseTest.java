package dev.lockstep.cli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

class DiskUseTest {

    @TempDir Path directory;

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
        assertThat(DiskUse.bytesIn(directory)).isEqualTo(1_500);
        assertThat(DiskUse.bytesIn(directory.resolve("gone"))).isZero();
        Path drawing = directory.resolve("disks.svg");
        try (DiskUse disks = new DiskUse(List.of(directory))) {
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
