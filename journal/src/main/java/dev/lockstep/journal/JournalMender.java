package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DamagedJournal;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.LostRecord;
import dev.lockstep.core.port.RecordIdentity;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A journal that cannot be opened because records in it are damaged, while they are put back, each
/// in its place and byte for byte: afterwards it is as if they had never been damaged.
///
/// Life: [#open]; [#put] and [#replace] until nothing is lost; [#finish]; [#close]; then the
/// journal is opened as ever. A crash at any point leaves a journal that is damaged in fewer places
/// or the same.
///
/// Threading: one thread.
public final class JournalMender implements DamagedJournal, AutoCloseable {

    private final SegmentFiles files;
    private final Recovery recovery;
    private final List<DamageSurvey.Place> missing = new ArrayList<>();

    /// Segments that were written to.
    private final List<Segment> written = new ArrayList<>();

    private JournalMender(SegmentFiles files, Recovery recovery, List<DamageSurvey.Place> places)
            throws IOException {
        this.files = files;
        this.recovery = recovery;
        for (Segment segment : recovery.corrected) {
            ByteBuffer sector = ByteBuffer.allocate(SegmentHeader.BYTES);
            segment.header().encode(sector);
            write(segment, 0, sector.flip());
        }
        for (DamageSurvey.Place place : places) {
            if (!place.isHeaderIntact()) {
                // A header that is half written is known from nowhere else.
                files.forceIndex(place.segment().header().generation());
            }
        }
        for (DamageSurvey.Place place : places) {
            if (place.isContentIntact()) {
                writeHeader(place);
            } else {
                missing.add(place);
            }
        }
    }

    /// Opens a journal that [SegmentJournal#open] has refused, and mends at once what it can
    /// without others: headers that are known from another place.
    ///
    /// @return null if what is damaged cannot be told record by record
    /// @throws IOException if the disk fails
    public static @Nullable JournalMender open(FileStore store, ClusterId cluster, GroupId group)
            throws IOException {
        Recovery recovery = Recovery.ofDamaged(store, cluster, group);
        if (recovery == null) {
            return null;
        }
        try {
            DamageSurvey survey = recovery.survey();
            if (survey.isComplete()) {
                return new JournalMender(new SegmentFiles(store), recovery, survey.places());
            }
            recovery.close();
            return null;
        } catch (UncheckedIOException failed) {
            recovery.closeAll(failed);
            throw failed.getCause();
        } catch (IOException | RuntimeException failed) {
            recovery.closeAll(failed);
            throw failed;
        }
    }

    @Override
    public List<LostRecord> lost() {
        return missing.stream().map(DamageSurvey.Place::lost).toList();
    }

    /// The file that a lost record is in, for people.
    public String fileOf(LostRecord lost) {
        return placeOf(lost).segment().name();
    }

    @Override
    public boolean put(LostRecord lost, Bytes content) {
        DamageSurvey.Place place = placeOf(lost);
        if (!place.identity().fits(content)) {
            return false;
        }
        write(place, place.kind(), place.contentCrc(), content);
        missing.remove(place);
        return true;
    }

    @Override
    public void replace(LostRecord lost, int kind, Bytes content) {
        DamageSurvey.Place place = placeOf(lost);
        Invariant.check(
                content.size() == place.length(), "a record is replaced by one of its length");
        int mask = place.segment().header().checksumMask();
        write(place, kind, content.crc32c() ^ mask, content);
        missing.remove(place);
    }

    @Override
    public List<@Nullable JournalRecord> find(List<RecordIdentity> wanted) {
        SegmentSearch search = new SegmentSearch(files, recovery.used, wanted, false);
        boolean isDone = false;
        while (!isDone) {
            isDone = search.advance();
        }
        return search.found();
    }

    /// Makes durable what was put back.
    ///
    /// @throws IOException if the disk fails
    public void finish() throws IOException {
        for (Segment segment : written) {
            segment.file().force();
        }
        written.clear();
    }

    @Override
    public void close() throws IOException {
        recovery.close();
    }

    private DamageSurvey.Place placeOf(LostRecord lost) {
        for (DamageSurvey.Place place : missing) {
            if (place.sequence() == lost.sequence()) {
                return place;
            }
        }
        throw Invariant.broken("a record that is put back is lost");
    }

    private void write(DamageSurvey.Place place, int kind, int contentCrc, Bytes content) {
        ByteBuffer out = header(place, kind, contentCrc, content.size());
        content.putInto(out);
        write(place, out.flip());
    }

    private void writeHeader(DamageSurvey.Place place) {
        write(place, header(place, place.kind(), place.contentCrc(), 0).flip());
    }

    private static ByteBuffer header(
            DamageSurvey.Place place, int kind, int contentCrc, int roomBytes) {
        Frame frame = new Frame();
        frame.type = place.type();
        frame.sequence = place.sequence();
        frame.kind = kind;
        frame.epoch = place.epoch();
        frame.length = place.length();
        frame.contentCrc = contentCrc;
        frame.syncedThrough = place.syncedThrough();
        SegmentHeader segment = place.segment().header();
        ByteBuffer out = Frame.littleEndian(ByteBuffer.allocate(Frame.HEADER_BYTES + roomBytes));
        frame.encode(out, segment.group(), segment.checksumMask());
        return out;
    }

    private void write(DamageSurvey.Place place, ByteBuffer out) {
        write(place.segment(), place.offset(), out);
    }

    private void write(Segment segment, long offset, ByteBuffer out) {
        try {
            segment.file().write(offset, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!written.contains(segment)) {
            written.add(segment);
        }
    }
}
