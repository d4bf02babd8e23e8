package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Work on a journal's files that no record waits for: the next segment filled with zeros, dropped
/// segments deleted, indexes of full segments written.
///
/// Threading: made and reported by the replica's thread; [#run] by any one thread, also while a
/// group is written and forced.
public final class Preparation {

    private final SegmentFiles files;
    private final long syncedThrough;

    /// What is to be done, each null or empty if there is nothing of it.
    private final @Nullable Segment spare;

    private final List<Indexing> indexings;
    private final List<Segment> dropped;
    private final @Nullable Segment keeper;
    private final @Nullable SegmentHeader keeperHeader;

    /// Indexes for which there was no room.
    private final List<Indexing> unindexed = new ArrayList<>();

    private boolean done;

    /// A full segment and the index to be written for it.
    record Indexing(Segment segment, SegmentIndex index) {}

    /// @param spare the segment to be made
    /// @param dropped segments to be deleted
    /// @param keeper the segment whose header says so first, if they held records
    Preparation(
            SegmentFiles files,
            long syncedThrough,
            @Nullable Segment spare,
            List<Indexing> indexings,
            List<Segment> dropped,
            @Nullable Segment keeper) {
        this.files = files;
        this.syncedThrough = syncedThrough;
        this.spare = spare;
        this.indexings = List.copyOf(indexings);
        this.dropped = List.copyOf(dropped);
        this.keeper = keeper;
        this.keeperHeader = keeper == null ? null : keeper.header();
    }

    /// Does the work. A full disk is not an error here: the group that needs the room will report
    /// it. After an exception the replica must stop.
    public void run() throws IOException {
        Invariant.check(!done, "a preparation is run once");
        if (keeper != null && keeperHeader != null) {
            SegmentFiles.rewriteHeader(keeper.file(), keeperHeader);
        }
        if (!dropped.isEmpty()) {
            for (Segment segment : dropped) {
                files.delete(segment);
            }
            files.syncDirectory();
        }
        for (Indexing indexing : indexings) {
            try {
                files.writeIndex(indexing.segment(), indexing.index(), syncedThrough);
            } catch (DiskFullException e) {
                unindexed.add(indexing);
            }
        }
        if (spare != null) {
            try {
                files.make(spare);
            } catch (DiskFullException e) {
                // Left unmade, which is how the journal knows.
                Invariant.check(!spare.isMade(), "a segment without room is not made");
            }
        }
        done = true;
    }

    /// The segment that was asked for; not made if there was no room.
    @Nullable Segment spare() {
        return spare;
    }

    List<Indexing> unindexed() {
        return unindexed;
    }

    boolean isDone() {
        return done;
    }
}
