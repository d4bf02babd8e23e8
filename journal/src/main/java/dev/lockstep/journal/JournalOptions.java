package dev.lockstep.journal;

import dev.lockstep.core.Batch;

/// How a journal keeps its records.
///
/// @param segmentBytes the size of a segment file; a record that is larger gets a segment of its
///     own. May differ from boot to boot
/// @param sync false for `durability: os` and `memory`: nothing is forced to the disk, so that a
///     power failure may cost any number of the last records; the end of a process costs none
/// @param salt goes into every checksum of a journal that is created now, and is kept in its files;
///     drawn at random, so that nobody can send a payload that looks like a record
public record JournalOptions(int segmentBytes, boolean sync, long salt) {

    /// The smallest segment.
    public static final int MIN_SEGMENT_BYTES = 4 << 10;

    /// The largest segment that is not made for one record.
    public static final int MAX_SEGMENT_BYTES = 1 << 30;

    /// Head and body of a record together are no larger than this.
    public static final int MAX_RECORD_BYTES = Batch.MAX_PAYLOAD_BYTES + (64 << 10);

    /// Segments of 64 MiB, synced, not salted.
    public static final JournalOptions DEFAULT = new JournalOptions(64 << 20, true, 0);

    public JournalOptions {
        if (segmentBytes < MIN_SEGMENT_BYTES || segmentBytes > MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException(
                    "a segment has between "
                            + MIN_SEGMENT_BYTES
                            + " and "
                            + MAX_SEGMENT_BYTES
                            + " bytes, not "
                            + segmentBytes);
        }
    }

    /// The same with another segment size.
    public JournalOptions withSegmentBytes(int other) {
        return new JournalOptions(other, sync, salt);
    }

    /// The same, synced or not.
    public JournalOptions withSync(boolean other) {
        return new JournalOptions(segmentBytes, other, salt);
    }

    /// The same with another salt.
    public JournalOptions withSalt(long other) {
        return new JournalOptions(segmentBytes, sync, other);
    }
}
