package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.StoredFile;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/// One segment file and where its records are: four bytes of memory a record, and the entries of
/// its index until that is written.
///
/// Owned by the replica's thread. Who writes a group or runs a preparation uses [#file()],
/// [#header()] and [#isMade()] only, and only of segments that were handed to it.
final class Segment {

    private SegmentHeader header;
    private int[] offsets = new int[16];

    /// How many records are durable; the first `count` elements of `offsets` are theirs.
    private int count;

    /// Where the next frame goes; moves when a group is planned.
    private int end = SegmentHeader.BYTES;

    /// The index of the records so far; null once it was written.
    private @Nullable SegmentIndex index;

    /// Null until the file was made.
    private @Nullable StoredFile file;

    /// A segment that is still to be made, or one that was found if there is a file.
    Segment(SegmentHeader header, @Nullable StoredFile file) {
        this.header = header;
        this.file = file;
        this.index = new SegmentIndex();
    }

    /// The segment, which is not null.
    static Segment require(@Nullable Segment segment) {
        if (segment == null) {
            throw Invariant.broken("a record in a group has its place");
        }
        return segment;
    }

    SegmentHeader header() {
        return header;
    }

    void setHeader(SegmentHeader other) {
        header = other;
    }

    String name() {
        return SegmentFiles.segmentName(header.generation());
    }

    boolean isMade() {
        return file != null;
    }

    StoredFile file() {
        StoredFile made = file;
        if (made == null) {
            throw Invariant.broken("a segment is made before it is used");
        }
        return made;
    }

    void made(StoredFile newFile) {
        file = newFile;
    }

    long firstSequence() {
        return header.firstSequence();
    }

    /// The last durable record; one less than the first if there is none.
    long lastSequence() {
        return header.firstSequence() + count - 1;
    }

    int end() {
        return end;
    }

    void setEnd(int offset) {
        end = offset;
    }

    /// True if a frame fits in and leaves room for a mark behind it.
    boolean fits(int frameBytes) {
        return (long) end + frameBytes + Frame.HEADER_BYTES <= header.sizeBytes();
    }

    /// Notes the next record, which is durable.
    void add(int offset, int kind, long epoch, int length, int contentCrc) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
        }
        offsets[count++] = offset;
        if (index != null) {
            index.add(offset, kind, epoch, length, contentCrc);
        }
    }

    int offsetOf(long sequence) {
        return offsets[Math.toIntExact(sequence - header.firstSequence())];
    }

    /// Behind the frame of a record and any marks after it.
    int limitOf(long sequence) {
        return sequence == lastSequence() ? end : offsetOf(sequence + 1);
    }

    /// The index of the records, or null if it was given away.
    @Nullable SegmentIndex index() {
        return index;
    }

    /// Gives the index away and the memory back; null if it was given away already.
    @Nullable SegmentIndex takeIndex() {
        SegmentIndex taken = index;
        index = null;
        return taken;
    }
}
