package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Records that are written and synced together: everything that waited when the group was made.
///
/// Threading: made and reported by the replica's thread; [#write] and then [#force] by any one
/// thread, the driver seeing to the hand-over. At most one group of a journal is outstanding.
public final class Group {

    /// How far the group got: each step is taken once, but for a write that found the disk full.
    private enum State {
        /// Made, or not written for want of room.
        PLANNED,
        /// All bytes were given to the files.
        WRITTEN,
        /// All bytes are durable, or need not be.
        FORCED,
        /// Something else than a full disk went wrong: nothing is known about what was written.
        FAILED
    }

    private final GroupWriter writer;
    private final PendingRecords.View records;
    private final long first;
    private final long last;
    private final long sizeBytes;
    private final boolean forces;

    /// Every record up to here was durable when the group was made.
    private final long syncedThrough;

    /// Where the mark goes if this is a mark; then there are no records.
    private final @Nullable Segment markSegment;

    private final int markOffset;
    private State state = State.PLANNED;

    private Group(
            GroupWriter writer,
            PendingRecords.View records,
            long first,
            long last,
            long sizeBytes,
            boolean forces,
            long syncedThrough,
            @Nullable Segment markSegment,
            int markOffset) {
        this.writer = writer;
        this.records = records;
        this.first = first;
        this.last = last;
        this.sizeBytes = sizeBytes;
        this.forces = forces;
        this.syncedThrough = syncedThrough;
        this.markSegment = markSegment;
        this.markOffset = markOffset;
    }

    static Group ofRecords(
            GroupWriter writer,
            PendingRecords.View records,
            long first,
            long last,
            long sizeBytes,
            boolean forces,
            long syncedThrough) {
        return new Group(writer, records, first, last, sizeBytes, forces, syncedThrough, null, 0);
    }

    static Group ofMark(
            GroupWriter writer,
            PendingRecords.View none,
            long last,
            long syncedThrough,
            Segment segment,
            int offset) {
        return new Group(
                writer,
                none,
                last + 1,
                last,
                Frame.HEADER_BYTES,
                false,
                syncedThrough,
                segment,
                offset);
    }

    /// Writes the records; after a [DiskFullException] it may be called again, and writes the same
    /// bytes to the same places.
    ///
    /// @throws DiskFullException if there is no room: [SegmentJournal#onDiskFull]
    public void write() throws IOException {
        Invariant.check(state == State.PLANNED, "a group is written once");
        State next = State.FAILED;
        try {
            if (markSegment != null) {
                writer.writeMark(markSegment, markOffset, last, syncedThrough);
            } else {
                writer.writeRecords(records, first, last, syncedThrough);
            }
            next = State.WRITTEN;
        } catch (DiskFullException e) {
            next = State.PLANNED;
            throw e;
        } finally {
            state = next;
        }
    }

    /// Makes what was written durable; does nothing if the journal does not sync, or for a mark.
    /// Never called again after an exception.
    public void force() throws IOException {
        Invariant.check(state == State.WRITTEN, "a written group is forced once");
        state = State.FAILED;
        if (forces) {
            Segment forced = null;
            for (long sequence = first; sequence <= last; sequence++) {
                Segment segment = Segment.require(records.get(sequence).segment);
                if (segment != forced) {
                    segment.file().force();
                    forced = segment;
                }
            }
        }
        state = State.FORCED;
    }

    /// How many bytes [#write] writes, apart from segment headers.
    public long sizeBytes() {
        return sizeBytes;
    }

    /// The last record of the group; of a mark, the last one before it.
    public long lastSequence() {
        return last;
    }

    long syncedThrough() {
        return syncedThrough;
    }

    long firstSequence() {
        return first;
    }

    boolean isMark() {
        return markSegment != null;
    }

    /// Gives the place of a mark that was not written to what comes next.
    void giveUpMark() {
        Segment.require(markSegment).setEnd(markOffset);
    }

    boolean isForced() {
        return state == State.FORCED;
    }

    boolean isPlanned() {
        return state == State.PLANNED;
    }
}
