package dev.lockstep.testkit.disk;

import java.util.SortedMap;

/// What the files of one replica take up at one time.
///
/// @param journal bytes of segments and their indexes, and of files that are no snapshots
/// @param kept bytes of the last two snapshots that are published
/// @param largest bytes of the larger of those; 0 without one
/// @param passing bytes of what is there for a time: snapshots that are being written or fetched or
///     are about to be deleted, and what a life that has ended has left
public record DiskUsage(long journal, long kept, long largest, long passing) {

    private static final int KEPT = 2;

    /// What a life left that has ended; the next one that ends takes their place.
    private static final String OF_A_LOST_LIFE = "lost-";

    /// By the names that files have.
    ///
    /// @param sizes bytes by name
    public static DiskUsage of(SortedMap<String, Long> sizes) {
        long journal = 0;
        long others = 0;
        for (var file : sizes.entrySet()) {
            String name = file.getKey();
            if (name.startsWith("snapshot-") || name.startsWith(OF_A_LOST_LIFE)) {
                others += file.getValue();
            } else {
                journal += file.getValue();
            }
        }
        long kept = 0;
        long largest = 0;
        int found = 0;
        for (var file : sizes.reversed().entrySet()) {
            String name = file.getKey();
            boolean isPublished = name.startsWith("snapshot-") && name.endsWith(".snap");
            if (isPublished && found < KEPT) {
                found++;
                kept += file.getValue();
                largest = Math.max(largest, file.getValue());
            }
        }
        return new DiskUsage(journal, kept, largest, others - kept);
    }

    /// All of it, in bytes.
    public long total() {
        return journal + kept + passing;
    }
}
