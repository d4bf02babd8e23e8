package dev.lockstep.journal;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;

/// Deletes files of any size bit by bit. To give back a gigabyte at once keeps the file system's
/// log busy so long that a sync of another file waits near a tenth of a second for it.
///
/// Only for files whose names promise nothing: a crash leaves a part of one.
///
/// Threading: as the store.
final class Shortening {

    /// What is given back at once. Of 16 MiB with ten milliseconds between, a sync notices nothing;
    /// with smaller pieces half of all syncs have a change of the log to wait for.
    static final int CUT_BYTES = 16 << 20;

    private final FileStore store;
    private final int cutBytes;

    Shortening(FileStore store, int cutBytes) {
        this.store = store;
        this.cutBytes = cutBytes;
    }

    /// True if a file of that size is deleted as it is.
    boolean isOneCut(long sizeBytes) {
        return sizeBytes <= cutBytes;
    }

    /// Cuts a piece off the file's end, or deletes what is left if it is no more than that.
    ///
    /// @return how many bytes are left; 0 if it is gone
    long cut(String name) throws IOException {
        long left;
        try (StoredFile file = store.open(name)) {
            left = file.size() - cutBytes;
            if (left > 0) {
                file.truncate(left);
                return left;
            }
        }
        store.delete(name);
        return 0;
    }

    /// Deletes the whole file, without pauses.
    void delete(String name) throws IOException {
        long left = Long.MAX_VALUE;
        while (left > 0) {
            left = cut(name);
        }
    }
}
