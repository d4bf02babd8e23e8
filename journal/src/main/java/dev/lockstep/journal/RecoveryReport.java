package dev.lockstep.journal;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What opening a journal found and did.
///
/// @param firstSequence the first record there is; one more than `lastSequence` if there is none
/// @param lastSequence the last record that survived; 0 if there never was one
/// @param segments how many segments hold records
/// @param cut the torn tail that was cut off, or null
/// @param removed files that were left half made or half dropped by a crash, now deleted
public record RecoveryReport(
        long firstSequence,
        long lastSequence,
        int segments,
        @Nullable Cut cut,
        List<String> removed) {

    /// A torn tail: writes that were never synced and survived a crash in part.
    ///
    /// @param file where the journal now ends
    /// @param offset the first byte that was cut
    /// @param sequence the first record that is gone
    /// @param bytes from the first to the last byte that was not zero and was cut, in all segments
    public record Cut(String file, long offset, long sequence, long bytes) {

        /// One sentence for the log.
        @Override
        public String toString() {
            return "the torn tail of a write that was never synced was cut: "
                    + bytes
                    + " bytes at offset "
                    + offset
                    + " of "
                    + file
                    + ", from sequence "
                    + sequence
                    + " on";
        }
    }

    public RecoveryReport {
        removed = List.copyOf(removed);
    }
}
