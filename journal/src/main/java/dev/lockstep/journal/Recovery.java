package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Finds out what a crash left of a journal and makes it whole. Sources of truth, in order:
///
/// 1. The records from the first segment on, as far as each is intact and follows the one before.
///    Where that ends, at sequence s, the journal ends if there is nothing but zeros behind.
/// 2. Otherwise something was lost. Every frame says up to where the journal was durable when it
///    was written, and so does every index. If any of them, wherever it lies, says s or more, then
///    s had been durable: the journal is damaged, nothing is touched and nothing opened.
/// 3. Otherwise s and all behind it belong to the last write, which was never known to be synced,
///    and of which any sectors may have survived. It is cut off: zeroed or deleted, durably, before
///    anything is appended, so that no remains can later be taken for records.
///
/// All that survives is synced, so that from here on it is durable.
final class Recovery {

    private final FileStore store;
    private final SegmentFiles files;
    private final ClusterId cluster;
    private final GroupId group;
    private final JournalRules rules;

    /// True if a header that is not intact is put right, if that can be.
    private final boolean mendsHeaders;

    /// Segments with records, ascending.
    final List<Segment> used = new ArrayList<>();

    /// Full segments whose index could not be written.
    final List<Segment> unindexed = new ArrayList<>();

    /// Segments whose header is not intact, and known all the same; none unless what is damaged is
    /// to be mended.
    final List<Segment> corrected = new ArrayList<>();

    /// A segment that is ready to be used, or null.
    @Nullable Segment spare;

    /// The header of the newest segment: the next ones inherit its salt; null in an empty store.
    @Nullable SegmentHeader newest;

    /// The highest sequence that something on the disk says was durable.
    long provenThrough;

    long keptFrom = 1;

    /// The highest generation that is or was in use.
    long lastGeneration;

    private final List<Segment> unused = new ArrayList<>();
    private final List<Segment> obsolete = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();
    private RecoveryReport.@Nullable Cut cut;

    /// Where the intact records end: segment, offset, and the sequence that is not there.
    private int stopSegment = -1;

    private long stopOffset = SegmentHeader.BYTES;
    private long stopSequence;

    private Recovery(
            FileStore store,
            ClusterId cluster,
            GroupId group,
            JournalRules rules,
            boolean mendsHeaders) {
        this.mendsHeaders = mendsHeaders;
        this.store = store;
        this.files = new SegmentFiles(store);
        this.cluster = cluster;
        this.group = group;
        this.rules = rules;
    }

    /// Looks through a journal that cannot be opened because durable records in it are damaged.
    /// Changes nothing.
    ///
    /// @return null if what is damaged is neither records nor headers of segments that are known
    ///     all the same, or nothing is
    static @Nullable Recovery ofDamaged(FileStore store, ClusterId cluster, GroupId group)
            throws IOException {
        Recovery recovery = new Recovery(store, cluster, group, JournalRules.CORRECT, true);
        try {
            recovery.look();
            if (recovery.provenThrough >= recovery.stopSequence || !recovery.corrected.isEmpty()) {
                return recovery;
            }
            recovery.close();
            return null;
        } catch (JournalDamagedException e) {
            recovery.closeAll(e);
            return null;
        } catch (IOException | RuntimeException e) {
            recovery.closeAll(e);
            throw e;
        }
    }

    /// How far the damage goes, once.
    DamageSurvey survey() throws IOException {
        return DamageSurvey.run(files, used, stopSegment, stopOffset, stopSequence, provenThrough);
    }

    /// Recovers what is in the store; closes what it opened if that fails.
    static Recovery run(FileStore store, ClusterId cluster, GroupId group, JournalRules rules)
            throws IOException {
        Recovery recovery = new Recovery(store, cluster, group, rules, false);
        try {
            recovery.run();
            return recovery;
        } catch (IOException | RuntimeException e) {
            recovery.closeAll(e);
            throw e;
        }
    }

    RecoveryReport report() {
        int holding =
                (int) used.stream().filter(s -> s.lastSequence() >= s.firstSequence()).count();
        long first = used.isEmpty() ? keptFrom : used.getFirst().firstSequence();
        return new RecoveryReport(first, stopSequence - 1, holding, cut, removed);
    }

    /// Finds out what is intact. Returns what lies behind that, as [#lookBehindTheEnd].
    private List<SegmentReader.Remains> look() throws IOException {
        findSegments();
        compareHeaders();
        findIndexes();
        setAsideDropped();
        walk();
        return lookBehindTheEnd();
    }

    private void run() throws IOException {
        List<SegmentReader.Remains> remains = look();
        if (provenThrough >= stopSequence && rules.refusesWhatWasProven()) {
            throw damaged();
        }
        repair(remains);
        finishIndexes();
    }

    private void findSegments() throws IOException {
        for (String name : store.list()) {
            long generation = SegmentFiles.generationOfSegment(name);
            if (generation < 0) {
                continue;
            }
            lastGeneration = Math.max(lastGeneration, generation);
            StoredFile file = store.open(name);
            Found found;
            try {
                found = headerOf(name, generation, file);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
            SegmentHeader header = found.header;
            Segment segment = new Segment(header, file);
            if (!found.isIntact) {
                corrected.add(segment);
            }
            (header.isUnused() ? unused : used).add(segment);
            keptFrom = Math.max(keptFrom, header.keptFrom());
            newest = header;
        }
    }

    /// @param isIntact false if the header stands there otherwise
    private record Found(SegmentHeader header, boolean isIntact) {}

    private Found headerOf(String name, long generation, StoredFile file) throws IOException {
        SegmentHeader header = readHeader(name, file);
        if (header != null && isSound(header, generation, file.size())) {
            return new Found(header, true);
        }
        if (mendsHeaders && header == null) {
            SegmentHeader before = SegmentHeader.corrected(sectorOf(file));
            if (before != null && isSound(before, generation, file.size()) && isOwn(before)) {
                return new Found(before, false);
            }
        }
        walk();
        String found =
                header != null && header.sizeBytes() > file.size()
                        ? "the file had "
                                + header.sizeBytes()
                                + " bytes and has only "
                                + file.size()
                        : "the segment's header is not intact";
        throw new JournalDamagedException(name, 0, stopSequence, found);
    }

    private static boolean isSound(SegmentHeader header, long generation, long fileBytes) {
        return header.generation() == generation
                && header.sizeBytes() <= fileBytes
                && isSane(header);
    }

    private boolean isOwn(SegmentHeader header) {
        return header.cluster().equals(cluster) && header.group() == group.value();
    }

    private static ByteBuffer sectorOf(StoredFile file) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(SegmentHeader.BYTES);
        file.read(0, sector);
        return sector.flip();
    }

    private static boolean isSane(SegmentHeader header) {
        return header.sizeBytes() >= JournalOptions.MIN_SEGMENT_BYTES
                && header.sizeBytes() <= Integer.MAX_VALUE - Frame.HEADER_BYTES
                && header.sizeBytes() % Frame.ALIGNMENT == 0
                && header.firstSequence() >= 0
                && header.keptFrom() >= 1;
    }

    /// Each header is intact by itself; together they must tell one story. Segments are used in the
    /// order of their generations, and a prefix is dropped only after the first record that is kept
    /// is durable, in a segment that begins with it. Two begin with the same record only if the
    /// older holds none: a crash left nothing but its header, and it was too short for what came
    /// then.
    private void compareHeaders() throws IOException {
        long before = 0;
        boolean keptIsThere = keptFrom == 1;
        for (int i = 0; i < used.size(); i++) {
            Segment segment = used.get(i);
            long first = segment.firstSequence();
            boolean isSecondAttempt = i > 0 && first == before && !holdsRecords(used.get(i - 1));
            if (first <= before && !isSecondAttempt) {
                throw contradiction(
                        segment.name(),
                        "its header says that it begins with "
                                + first
                                + ", and an older segment begins with "
                                + before);
            }
            if (segment.header().keptFrom() > first) {
                throw contradiction(
                        segment.name(),
                        "its header says that it begins with "
                                + first
                                + " and that all before "
                                + segment.header().keptFrom()
                                + " was dropped");
            }
            keptIsThere |= first == keptFrom;
            before = first;
        }
        if (!keptIsThere) {
            throw contradiction(
                    nameAtTheEnd(),
                    "what came before "
                            + keptFrom
                            + " was dropped, and there is no segment that begins with it");
        }
    }

    private static boolean holdsRecords(Segment segment) throws IOException {
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        long offset = SegmentHeader.BYTES;
        while (reader.decode(offset)) {
            if (reader.frame().type == Frame.RECORD) {
                return true;
            }
            offset += Frame.sizeOf(reader.frame().length);
        }
        return false;
    }

    private JournalDamagedException contradiction(String name, String found) throws IOException {
        walk();
        return new JournalDamagedException(name, 0, stopSequence, found);
    }

    private @Nullable SegmentHeader readHeader(String name, StoredFile file) throws IOException {
        ByteBuffer sector = sectorOf(file);
        int version = SegmentHeader.versionOf(sector);
        if (version != 0 && version != SegmentHeader.VERSION) {
            throw new IOException(
                    name
                            + " has journal format "
                            + version
                            + ", and this version of Lockstep reads format "
                            + SegmentHeader.VERSION
                            + ": start the version that wrote it");
        }
        SegmentHeader header = SegmentHeader.decode(sector);
        if (header != null && !isOwn(header)) {
            throw new IOException(
                    name
                            + " belongs to cluster "
                            + header.cluster()
                            + " group "
                            + header.group()
                            + ", not to cluster "
                            + cluster
                            + " group "
                            + group.value()
                            + ": check the data directory and the cluster id in the"
                            + " configuration");
        }
        return header;
    }

    private void findIndexes() throws IOException {
        for (String name : store.list()) {
            long generation = SegmentFiles.generationOfIndex(name);
            if (generation < 0) {
                continue;
            }
            SegmentIndex.Stored stored = files.readIndex(generation);
            if (stored != null) {
                provenThrough = Math.max(provenThrough, stored.syncedThrough());
            }
        }
    }

    /// Segments that were dropped before the crash and are still there.
    private void setAsideDropped() {
        while (used.size() > 1 && used.get(1).firstSequence() <= keptFrom) {
            obsolete.add(used.removeFirst());
        }
    }

    /// Follows the records as far as they are intact.
    private void walk() throws IOException {
        // Below what is kept the first segment may begin, above it a segment is missing.
        stopSequence =
                used.isEmpty() ? keptFrom : Math.min(keptFrom, used.getFirst().firstSequence());
        for (int i = 0; i < used.size(); i++) {
            Segment segment = used.get(i);
            if (segment.firstSequence() != stopSequence) {
                return;
            }
            if (i > 0) {
                forgetStoredIndex(used.get(i - 1));
            }
            stopSegment = i;
            walk(segment);
        }
    }

    private void walk(Segment segment) throws IOException {
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        Frame frame = reader.frame();
        long offset = SegmentHeader.BYTES;
        while (true) {
            if (!isNext(reader, offset)) {
                // A mark is a header and nothing more. One that is damaged proves nothing, and what
                // is intact behind it is not the torn end of a write.
                if (!isNext(reader, offset + Frame.HEADER_BYTES)) {
                    break;
                }
                offset += Frame.HEADER_BYTES;
            }
            if (frame.type == Frame.RECORD) {
                segment.add((int) offset, frame.kind, frame.epoch, frame.length, frame.contentCrc);
                stopSequence++;
            }
            provenThrough = Math.max(provenThrough, frame.syncedThrough);
            offset += Frame.sizeOf(frame.length);
        }
        segment.setEnd((int) offset);
        stopOffset = offset;
    }

    private boolean isNext(SegmentReader reader, long offset) throws IOException {
        Frame frame = reader.frame();
        return reader.decode(offset)
                && frame.sequence == (frame.type == Frame.MARK ? stopSequence - 1 : stopSequence)
                && reader.hasContent(offset);
    }

    /// Saves the memory of a full segment's index if the file holds the same.
    private void forgetStoredIndex(Segment segment) throws IOException {
        SegmentIndex.Stored stored = files.readIndex(segment.header().generation());
        SegmentIndex index = segment.index();
        if (stored != null
                && index != null
                && stored.firstSequence() == segment.firstSequence()
                && stored.index().holdsTheSameAs(index)) {
            segment.takeIndex();
        }
    }

    /// What lies behind the end in the segment where it is and in all later ones, in that order:
    /// used ones, then unused ones.
    private List<SegmentReader.Remains> lookBehindTheEnd() throws IOException {
        List<SegmentReader.Remains> all = new ArrayList<>();
        for (int i = Math.max(stopSegment, 0); i < used.size(); i++) {
            all.add(remains(used.get(i), i == stopSegment ? stopOffset : SegmentHeader.BYTES));
        }
        for (Segment segment : unused) {
            all.add(remains(segment, SegmentHeader.BYTES));
        }
        return all;
    }

    private SegmentReader.Remains remains(Segment segment, long from) throws IOException {
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        SegmentReader.Remains remains = reader.remains(from);
        provenThrough = Math.max(provenThrough, remains.syncedThrough());
        return remains;
    }

    private JournalDamagedException damaged() throws IOException {
        if (stopSegment < 0) {
            return new JournalDamagedException(
                    nameAtTheEnd(),
                    0,
                    stopSequence,
                    "there is no intact record, and all up to "
                            + provenThrough
                            + " had been synced");
        }
        Segment segment = used.get(stopSegment);
        SegmentReader reader = new SegmentReader(segment.file(), segment.header());
        Frame frame = reader.frame();
        boolean hasHeader =
                reader.decode(stopOffset)
                        && frame.type == Frame.RECORD
                        && frame.sequence == stopSequence;
        JournalDamagedException.Lost lost =
                hasHeader
                        ? new JournalDamagedException.Lost(
                                frame.kind,
                                frame.epoch,
                                frame.length,
                                frame.contentCrc ^ segment.header().checksumMask())
                        : fromIndex(segment);
        return new JournalDamagedException(
                segment.name(),
                stopOffset,
                stopSequence,
                (hasHeader ? "the record there is not intact" : "there is no intact record")
                        + ", and all up to "
                        + provenThrough
                        + " had been synced",
                lost);
    }

    private JournalDamagedException.@Nullable Lost fromIndex(Segment segment) throws IOException {
        SegmentIndex.Stored stored = files.readIndex(segment.header().generation());
        if (stored == null) {
            return null;
        }
        long position = stopSequence - stored.firstSequence();
        if (position < 0 || position >= stored.index().count()) {
            return null;
        }
        SegmentIndex.Entry entry = stored.index().entry((int) position);
        return new JournalDamagedException.Lost(
                entry.kind(),
                entry.epoch(),
                entry.length(),
                entry.contentCrc() ^ segment.header().checksumMask());
    }

    /// Cuts off what was never synced, syncs what is left, deletes what is not needed.
    private void repair(List<SegmentReader.Remains> remains) throws IOException {
        long bytes = 0;
        int seen = 0;
        for (int i = Math.max(stopSegment, 0); i < used.size(); i++) {
            SegmentReader.Remains found = remains.get(seen++);
            bytes += sizeOf(found) + (i == stopSegment ? 0 : SegmentHeader.BYTES);
            if (i == stopSegment && !found.isClean()) {
                zero(used.get(i).file(), found);
            }
        }
        long lastKept = stopSegment < 0 ? 0 : used.get(stopSegment).header().generation();
        for (Segment segment : unused) {
            SegmentReader.Remains found = remains.get(seen++);
            bytes += sizeOf(found);
            if (found.isClean() && spare == null && segment.header().generation() > lastKept) {
                spare = segment;
            } else {
                obsolete.add(segment);
            }
        }
        if (bytes > 0) {
            cut = new RecoveryReport.Cut(nameAtTheEnd(), stopOffset, stopSequence, bytes);
        }
        syncSurvivors();
        while (used.size() > stopSegment + 1) {
            obsolete.add(used.removeLast());
        }
        deleteObsolete();
    }

    /// The file in which the record is missing, or the first one if none holds the one before.
    private String nameAtTheEnd() {
        if (stopSegment >= 0) {
            return used.get(stopSegment).name();
        }
        if (!used.isEmpty()) {
            return used.getFirst().name();
        }
        return unused.isEmpty() ? "the directory" : unused.getFirst().name();
    }

    private static long sizeOf(SegmentReader.Remains found) {
        return found.isClean() ? 0 : found.lastNonZero() - found.firstNonZero() + 1;
    }

    private static void zero(StoredFile file, SegmentReader.Remains found) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(64 << 10);
        long end = found.lastNonZero() + 1;
        for (long at = found.firstNonZero(); at < end; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), end - at));
            file.write(at, zeros);
        }
    }

    private void syncSurvivors() throws IOException {
        for (int i = 0; i <= stopSegment; i++) {
            if (i == stopSegment || used.get(i).lastSequence() > provenThrough) {
                used.get(i).file().force();
            }
        }
    }

    private void deleteObsolete() throws IOException {
        for (Segment segment : obsolete) {
            files.delete(segment);
            removed.add(segment.name());
        }
        obsolete.clear();
        for (String name : store.list()) {
            long generation = SegmentFiles.generationOfIndex(name);
            if (SegmentFiles.isHalfMade(name) || (generation >= 0 && !isFull(generation))) {
                store.delete(name);
                removed.add(name);
            }
        }
        if (!removed.isEmpty()) {
            store.syncDirectory();
        }
    }

    private boolean isFull(long generation) {
        for (int i = 0; i < used.size() - 1; i++) {
            if (used.get(i).header().generation() == generation) {
                return true;
            }
        }
        return false;
    }

    /// Writes the indexes of full segments that a crash prevented or that are not intact.
    private void finishIndexes() throws IOException {
        for (int i = 0; i < used.size() - 1; i++) {
            Segment segment = used.get(i);
            SegmentIndex index = segment.index();
            if (index == null) {
                continue;
            }
            try {
                files.writeIndex(segment, index, provenThrough);
                segment.takeIndex();
            } catch (DiskFullException e) {
                unindexed.add(segment);
            }
        }
    }

    /// As [#close], for somebody who has `cause` to tell.
    void closeAll(Exception cause) {
        try {
            close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /// Closes all files.
    void close() throws IOException {
        List<Segment> all = new ArrayList<>(used);
        all.addAll(unused);
        all.addAll(obsolete);
        IOException failed = null;
        for (Segment segment : all) {
            try {
                segment.file().close();
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
