package dev.lockstep.journal;

import java.io.IOException;

/// Work on a journal's files that no record waits for: the next segment filled with zeros, dropped
/// segments deleted.
///
/// Threading: [#run] by any one thread, also while a group is written and forced; then
/// [SegmentJournal#onPrepared] by the replica's thread.
public final class Preparation {

    Preparation() {}

    /// Does the work. A [dev.lockstep.core.port.DiskFullException] is kept for the group that needs
    /// the room and not thrown; any other exception means that the replica must stop.
    public void run() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }
}
