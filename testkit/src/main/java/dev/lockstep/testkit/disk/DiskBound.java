package dev.lockstep.testkit.disk;

import java.util.Optional;

/// What a replica may take up of its disk however long it is written to: twice its state and a
/// window that is configured.
///
/// The window is four times what makes a snapshot due: the journal leads on from the last snapshot
/// but one, so it has two such stretches, and grows on while the next snapshot is written; and some
/// segments, since whole ones are dropped and the next is made ahead. What is being written or
/// fetched comes on top until it takes the place of another.
///
/// @param journalBytes `snapshots.journal-bytes`
/// @param segmentBytes the size of the journal's segments
public record DiskBound(long journalBytes, long segmentBytes) {

    private static final int STRETCHES = 4;
    private static final int SEGMENTS = 4;

    /// What there may be beside snapshots, in bytes.
    public long window() {
        return STRETCHES * journalBytes + SEGMENTS * segmentBytes;
    }

    /// A sentence if there is more than there may be.
    ///
    /// @param stateBytes what the largest snapshot has taken up so far; 0 before the first
    public Optional<String> exceeded(DiskUsage usage, long stateBytes) {
        long lasting = usage.journal() + usage.kept();
        long most = 2 * stateBytes + window();
        if (lasting > most) {
            return Optional.of(
                    "%d bytes of journal and %d of snapshots, more than twice the state (%d) and a window of %d bytes"
                            .formatted(usage.journal(), usage.kept(), stateBytes, window()));
        }
        return Optional.empty();
    }
}
