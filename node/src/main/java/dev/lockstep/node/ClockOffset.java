package dev.lockstep.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// By how much a node's wall clock is wrong: whatever a file says, in milliseconds with a sign. It
/// is looked at again every 20 ms, so that whoever writes it makes the clock jump. Nothing while
/// there is no such file. For tests.
///
/// Threading: one thread.
final class ClockOffset {

    private static final long READ_EVERY_NANOS = 20_000_000;

    private final Path file;
    private long nanos;
    private long readAgainAt = Long.MIN_VALUE;

    ClockOffset(Path file) {
        this.file = file;
    }

    /// What to add to the wall clock.
    ///
    /// @param monotonicNanos the node's monotonic clock, which is never wrong
    long nanos(long monotonicNanos) {
        if (monotonicNanos >= readAgainAt) {
            readAgainAt = monotonicNanos + READ_EVERY_NANOS;
            nanos = read();
        }
        return nanos;
    }

    private long read() {
        try {
            return Files.exists(file)
                    ? Long.parseLong(Files.readString(file).strip()) * 1_000_000
                    : 0;
        } catch (IOException | NumberFormatException e) {
            throw new NodeFailure(
                    "the offset of the clock in " + file + " cannot be read: " + e, e);
        }
    }
}
