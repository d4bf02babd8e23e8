package dev.lockstep.journal;

import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.RecordIdentity;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// Looks for records in segments by what they are.
final class RecordSearch {

    private final SegmentFiles files;
    private final List<RecordIdentity> wanted;
    private final @Nullable JournalRecord[] found;
    private int missing;

    private RecordSearch(SegmentFiles files, List<RecordIdentity> wanted) {
        this.files = files;
        this.wanted = wanted;
        this.found = new JournalRecord[wanted.size()];
        this.missing = wanted.size();
    }

    /// Returns as many as `wanted`, null for each that is not there or not intact.
    static List<@Nullable JournalRecord> run(
            SegmentFiles files, List<Segment> segments, List<RecordIdentity> wanted)
            throws IOException {
        RecordSearch search = new RecordSearch(files, wanted);
        // What is looked for was mostly written not long ago.
        for (int i = segments.size() - 1; i >= 0 && search.missing > 0; i--) {
            search.look(segments.get(i));
        }
        return Arrays.asList(search.found);
    }

    private void look(Segment segment) throws IOException {
        if (segment.lastSequence() < segment.firstSequence()) {
            return;
        }
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        SegmentIndex index = segment.index();
        if (index == null) {
            SegmentIndex.Stored stored = files.readIndex(segment.header().generation());
            index = stored == null ? null : stored.index();
        }
        int mask = segment.header().checksumMask();
        for (long s = segment.firstSequence(); s <= segment.lastSequence(); s++) {
            int offset = segment.offsetOf(s);
            int number = (int) (s - segment.firstSequence());
            if (index != null && number < index.count()) {
                SegmentIndex.Entry entry = index.entry(number);
                int crc = entry.contentCrc() ^ mask;
                match(reader, offset, s, entry.kind(), entry.epoch(), entry.length(), crc);
            } else if (reader.decode(offset)) {
                // The index is being written just now, or is not intact.
                Frame frame = reader.frame();
                int crc = frame.contentCrc ^ mask;
                match(reader, offset, s, frame.kind, frame.epoch, frame.length, crc);
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
                missing -= found[i] == null ? 0 : 1;
            }
        }
    }
}
