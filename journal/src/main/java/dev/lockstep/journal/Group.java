package dev.lockstep.journal;

import java.io.IOException;

/// Records that are written and synced together: everything that waited when the group was made.
///
/// Threading: made and reported by the replica's thread; [#write] and then [#force] by any one
/// thread, the driver seeing to the hand-over. At most one group of a journal is outstanding.
public final class Group {

    Group() {}

    /// Writes the records; after a [dev.lockstep.core.port.DiskFullException] it may be called
    /// again, and writes the same bytes to the same places.
    public void write() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Makes what was written durable; does nothing if the journal does not sync, or for a mark.
    /// Never called again after an exception.
    public void force() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    /// How many bytes [#write] writes.
    public long sizeBytes() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// The last record of the group.
    public long lastSequence() {
        throw new UnsupportedOperationException("not built yet");
    }
}
