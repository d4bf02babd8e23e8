package dev.lockstep.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

final class ClockOffsetTest {

    private static final long HOUR_NANOS = 3_600_000_000_000L;

    @TempDir private Path directory;

    @Test
    void a_clock_is_right_until_the_file_says_otherwise_and_jumps_when_it_changes()
            throws Exception {
        Path file = directory.resolve("clock");
        ClockOffset offset = new ClockOffset(file);
        assertThat(offset.nanos(0)).isZero();
        Files.writeString(file, "-3600000\n");
        assertThat(offset.nanos(1_000_000)).as("it is not read at every look").isZero();
        assertThat(offset.nanos(21_000_000)).isEqualTo(-HOUR_NANOS);
        Files.writeString(file, "1");
        assertThat(offset.nanos(100_000_000)).isEqualTo(1_000_000);
        Files.delete(file);
        assertThat(offset.nanos(200_000_000)).isZero();
    }

    @Test
    void only_the_wall_clock_is_wrong() throws Exception {
        Path file = Files.writeString(directory.resolve("clock"), "3600000");
        NodeClock clock = new NodeClock(new ClockOffset(file));
        long wall = Instant.now().getEpochSecond() * 1_000_000_000L;
        assertThat(clock.now().wallNanos()).isBetween(wall + HOUR_NANOS / 2, wall + 2 * HOUR_NANOS);
        assertThat(clock.tick().monotonicNanos()).isLessThan(HOUR_NANOS);
    }
}
