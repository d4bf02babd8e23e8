package dev.lockstep.journal;

import dev.lockstep.core.port.LostRecord;
import dev.lockstep.core.port.RecordIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Looks how far the damage of a journal goes: which of the records that were durable cannot be
/// read, and what is still known of each. Changes nothing.
///
/// It goes on behind a damaged record where its extent is known: from its own header; from a header
/// that one flipped bit has spoilt, since a checksum of 44 bytes tells which; or from the segment's
/// index.
final class DamageSurvey {

    /// A frame that is not as it was.
    ///
    /// @param type as in [Frame]
    /// @param sequence as in [Frame]
    /// @param contentCrc as in the frame: with the segment's mask
    /// @param isHeaderIntact false if the header must be written anew
    /// @param isContentIntact true if nothing but the header is damaged
    record Place(
            Segment segment,
            int offset,
            int type,
            long sequence,
            int kind,
            long epoch,
            int length,
            int contentCrc,
            long syncedThrough,
            boolean isHeaderIntact,
            boolean isContentIntact) {

        RecordIdentity identity() {
            return new RecordIdentity(
                    kind, epoch, length, contentCrc ^ segment.header().checksumMask());
        }

        LostRecord lost() {
            return new LostRecord(sequence, identity());
        }
    }

    private final SegmentFiles files;
    private final List<Segment> used;
    private final long through;
    private final List<Place> places = new ArrayList<>();

    /// The record that comes next.
    private long next;

    private boolean isComplete;

    private DamageSurvey(SegmentFiles files, List<Segment> used, long first, long through) {
        this.files = files;
        this.used = used;
        this.next = first;
        this.through = through;
    }

    /// Looks from where the intact records end.
    ///
    /// @param used all segments with records; those behind the end get to know theirs
    /// @param stopSegment where the intact records end; less than 0 if there are none
    /// @param first the first record that is not intact
    /// @param through the last that had been durable
    static DamageSurvey run(
            SegmentFiles files,
            List<Segment> used,
            int stopSegment,
            long stopOffset,
            long first,
            long through)
            throws IOException {
        DamageSurvey survey = new DamageSurvey(files, used, first, through);
        if (stopSegment >= 0) {
            survey.run(stopSegment, (int) stopOffset);
        }
        return survey;
    }

    /// What is damaged, as far as the extent of what came before is known.
    List<Place> places() {
        return places;
    }

    /// True if every damaged record's place and identity are known.
    boolean isComplete() {
        return isComplete;
    }

    private void run(int stopSegment, int stopOffset) throws IOException {
        int offset = stopOffset;
        for (int i = stopSegment; i < used.size() && next <= through; i++) {
            Segment segment = used.get(i);
            if (i > stopSegment && segment.firstSequence() != next) {
                return;
            }
            boolean isLast = i + 1 == used.size();
            long successor = isLast ? -1 : used.get(i + 1).firstSequence();
            if (!walk(segment, offset, successor)) {
                return;
            }
            offset = SegmentHeader.BYTES;
        }
        isComplete = next > through;
    }

    /// Returns false if it is not known how it goes on.
    ///
    /// @param successor the first record of the next segment; -1 if there is none
    private boolean walk(Segment segment, int start, long successor) throws IOException {
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        SegmentIndex.Stored stored = files.readIndex(segment.header().generation());
        SegmentIndex index =
                stored != null && stored.firstSequence() == segment.firstSequence()
                        ? stored.index()
                        : null;
        int offset = start;
        while (next <= through) {
            Place found = read(reader, segment, offset);
            if (found == null && next == successor) {
                return true;
            }
            if (found == null) {
                // Before the index, which does not know all of a header: what is written in its
                // place is then what was there, also where the writing is cut off in the middle.
                found = corrected(reader, segment, offset);
            }
            if (found == null) {
                found = indexed(reader, segment, offset, index);
            }
            if (found == null) {
                return false;
            }
            if (!found.isHeaderIntact || !found.isContentIntact) {
                places.add(found);
            }
            if (found.type == Frame.RECORD) {
                segment.add(offset, found.kind, found.epoch, found.length, found.contentCrc);
                next++;
            }
            offset += Frame.sizeOf(found.length);
            segment.setEnd(offset);
        }
        return true;
    }

    private boolean isExpected(Frame frame) {
        return frame.sequence == (frame.type == Frame.MARK ? next - 1 : next);
    }

    private @Nullable Place read(SegmentReader reader, Segment segment, int offset)
            throws IOException {
        if (!reader.decode(offset) || !isExpected(reader.frame())) {
            return null;
        }
        return place(reader, segment, offset, true);
    }

    private static Place place(
            SegmentReader reader, Segment segment, int offset, boolean isHeaderIntact)
            throws IOException {
        Frame frame = reader.frame();
        return new Place(
                segment,
                offset,
                frame.type,
                frame.sequence,
                frame.kind,
                frame.epoch,
                frame.length,
                frame.contentCrc,
                frame.syncedThrough,
                isHeaderIntact,
                reader.hasContent(offset));
    }

    /// What the index says of the place. Between two records it knows of there can be nothing but
    /// marks.
    private @Nullable Place indexed(
            SegmentReader reader, Segment segment, int offset, @Nullable SegmentIndex index)
            throws IOException {
        long number = next - segment.firstSequence();
        if (index == null || number >= index.count()) {
            return null;
        }
        SegmentIndex.Entry entry = index.entry((int) number);
        if (entry.offset() >= offset + Frame.HEADER_BYTES) {
            int crcOfNothing = segment.header().checksumMask();
            return new Place(
                    segment, offset, Frame.MARK, next - 1, 0, 0, 0, crcOfNothing, 0, false, true);
        }
        if (entry.offset() != offset
                || (long) offset + Frame.sizeOf(entry.length()) > segment.header().sizeBytes()) {
            return null;
        }
        return new Place(
                segment,
                offset,
                Frame.RECORD,
                next,
                entry.kind(),
                entry.epoch(),
                entry.length(),
                entry.contentCrc(),
                0,
                false,
                reader.hasContent(offset, entry.length(), entry.contentCrc()));
    }

    /// What was there before one bit of the header flipped.
    private @Nullable Place corrected(SegmentReader reader, Segment segment, int offset)
            throws IOException {
        for (int bit = 0; bit < Frame.HEADER_BYTES * Byte.SIZE; bit++) {
            if (reader.decodeFlipped(offset, bit) && isExpected(reader.frame())) {
                return place(reader, segment, offset, false);
            }
        }
        return null;
    }
}
