package dev.lockstep.journal;

import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.port.RecordSearch;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/// Looks for records in segments by what they are, from the newest to the oldest: what is looked
/// for was mostly written not long ago.
final class SegmentSearch implements RecordSearch {

    /// What a step looks at: so many records, where a segment costs as much as [#SEGMENT_COST] of
    /// them.
    static final int STEP = 2_048;

    private static final int SEGMENT_COST = 16;

    private final SegmentFiles files;

    /// Those of the journal, which come and go.
    private final List<Segment> segments;

    private final List<RecordIdentity> wanted;
    private final boolean tellsDamage;
    private final @Nullable JournalRecord[] found;
    private int missing;

    /// Records from here on were looked at.
    private long seenFrom = Long.MAX_VALUE;

    /// The segment that was looked at last, and what stands in its index; null if it has none.
    private @Nullable Segment current;

    private @Nullable SegmentIndex index;

    /// @param tellsDamage true if a record that is wanted and not intact is news
    SegmentSearch(
            SegmentFiles files,
            List<Segment> segments,
            List<RecordIdentity> wanted,
            boolean tellsDamage) {
        this.files = files;
        this.segments = segments;
        this.wanted = List.copyOf(wanted);
        this.tellsDamage = tellsDamage;
        this.found = new JournalRecord[wanted.size()];
        this.missing = wanted.size();
    }

    @Override
    public List<@Nullable JournalRecord> found() {
        return Arrays.asList(found);
    }

    @Override
    public boolean advance() {
        try {
            int left = STEP;
            while (left > 0) {
                Segment segment = missing == 0 ? null : next();
                if (segment == null) {
                    return true;
                }
                long last = Math.min(segment.lastSequence(), seenFrom - 1);
                long first = Math.max(segment.firstSequence(), last - left + 1);
                look(segment, first, last);
                seenFrom = first;
                left -= (int) (last - first + 1) + SEGMENT_COST;
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The newest segment with records that were not looked at; null if there is none.
    private @Nullable Segment next() {
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            boolean hasRecords = segment.lastSequence() >= segment.firstSequence();
            if (hasRecords && segment.firstSequence() < seenFrom) {
                return segment;
            }
        }
        return null;
    }

    private void look(Segment segment, long first, long last) throws IOException {
        if (segment != current) {
            current = segment;
            SegmentIndex.Stored stored =
                    segment.index() == null ? files.readIndex(segment.header().generation()) : null;
            index = stored == null ? null : stored.index();
        }
        SegmentIndex known = segment.index() == null ? index : segment.index();
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        int mask = segment.header().checksumMask();
        for (long s = first; s <= last; s++) {
            int offset = segment.offsetOf(s);
            int number = (int) (s - segment.firstSequence());
            if (known != null && number < known.count()) {
                SegmentIndex.Entry entry = known.entry(number);
                int crc = entry.contentCrc() ^ mask;
                match(reader, offset, s, entry.kind(), entry.epoch(), entry.length(), crc);
            } else if (reader.decode(offset)) {
                // The index is being written just now, or is not intact.
                Frame frame = reader.frame();
                int crc = frame.contentCrc ^ mask;
                match(reader, offset, s, frame.kind, frame.epoch, frame.length, crc);
            } else {
                onDamage(offset, s);
            }
        }
    }

    private void match(
            SegmentReader reader,
            int offset,
            long sequence,
            int kind,
            long epoch,
            int length,
            int checksum)
            throws IOException {
        for (int i = 0; i < found.length; i++) {
            RecordIdentity identity = wanted.get(i);
            if (found[i] == null
                    && identity.checksum() == checksum
                    && identity.length() == length
                    && identity.epoch() == epoch
                    && identity.kind() == kind) {
                found[i] = reader.record(offset, sequence);
                if (found[i] == null) {
                    onDamage(offset, sequence);
                } else {
                    missing--;
                }
            }
        }
    }

    private void onDamage(int offset, long sequence) throws IOException {
        if (tellsDamage) {
            throw new JournalDamagedException(
                    Segment.require(current).name(),
                    offset,
                    sequence,
                    "the record was intact and is no longer");
        }
    }
}
