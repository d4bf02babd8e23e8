package dev.lockstep.journal;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/// Names of a journal's files, and how they come into being and go.
///
/// A segment is filled with zeros under another name and gets its own when that is durable: what
/// is called a segment is always complete.
///
/// Threading: whoever holds the one group or preparation that may make files.
final class SegmentFiles {

    private static final String PREFIX = "journal-";
    private static final String SEGMENT = ".seg";
    private static final String HALF_MADE = ".new";
    private static final String INDEX = ".idx";
    private static final int DIGITS = 12;

    /// Zeros are forced in steps of this size, so that a sync of records never waits for a whole
    /// segment.
    private static final int FILL_BYTES = 1 << 20;

    private final FileStore store;

    SegmentFiles(FileStore store) {
        this.store = store;
    }

    long usableBytes() {
        return store.usableBytes();
    }

    static String segmentName(long generation) {
        return name(generation, SEGMENT);
    }

    static String indexName(long generation) {
        return name(generation, INDEX);
    }

    private static String name(long generation, String suffix) {
        return String.format(Locale.ROOT, "%s%0" + DIGITS + "d%s", PREFIX, generation, suffix);
    }

    /// The generation in a segment's name; -1 if it is not the name of a segment.
    static long generationOfSegment(String name) {
        return generationOf(name, SEGMENT);
    }

    /// The generation in an index's name; -1 if it is not the name of an index.
    static long generationOfIndex(String name) {
        return generationOf(name, INDEX);
    }

    /// True if the file was left by a crash while a segment was made.
    static boolean isHalfMade(String name) {
        return generationOf(name, HALF_MADE) > 0;
    }

    private static long generationOf(String name, String suffix) {
        int end = name.length() - suffix.length();
        if (end != PREFIX.length() + DIGITS || !name.startsWith(PREFIX) || !name.endsWith(suffix)) {
            return -1;
        }
        long generation = 0;
        for (int i = PREFIX.length(); i < end; i++) {
            int digit = name.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            generation = generation * 10 + digit;
        }
        return generation;
    }

    /// Makes the segment's file: zeros, header, sync, name, sync of the directory. What a failed
    /// attempt left is removed first, and at once if the disk is full.
    void make(Segment segment) throws IOException {
        SegmentHeader header = segment.header().withFirstSequence(0, segment.header().keptFrom());
        String halfMade = name(header.generation(), HALF_MADE);
        if (store.list().contains(halfMade)) {
            store.delete(halfMade);
        }
        long usable = store.usableBytes();
        if (usable < header.sizeBytes()) {
            throw new DiskFullException(
                    "no room for the journal's next segment "
                            + segment.name()
                            + ": it takes "
                            + header.sizeBytes()
                            + " bytes, "
                            + usable
                            + " are free");
        }
        StoredFile file = store.open(halfMade);
        try {
            fill(file, header);
        } catch (DiskFullException e) {
            file.close();
            store.delete(halfMade);
            throw e;
        }
        file.close();
        store.rename(halfMade, segment.name());
        store.syncDirectory();
        segment.made(store.open(segment.name()));
    }

    private static void fill(StoredFile file, SegmentHeader header) throws IOException {
        ByteBuffer zeros =
                ByteBuffer.allocateDirect((int) Math.min(FILL_BYTES, header.sizeBytes()));
        for (long at = 0; at < header.sizeBytes(); at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), header.sizeBytes() - at));
            file.write(at, zeros);
            if (at > 0) {
                file.force();
            }
        }
        ByteBuffer sector = ByteBuffer.allocate(SegmentHeader.BYTES);
        header.encode(sector);
        file.write(0, sector.flip());
        file.force();
    }

    /// Overwrites a segment's header in place and makes it durable.
    static void rewriteHeader(StoredFile file, SegmentHeader header) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(SegmentHeader.BYTES);
        header.encode(sector);
        file.write(0, sector.flip());
        file.force();
    }

    /// Writes the index of a full segment and makes it durable.
    void writeIndex(Segment segment, SegmentIndex index, long syncedThrough) throws IOException {
        long generation = segment.header().generation();
        try (StoredFile file = store.open(indexName(generation))) {
            file.truncate(0);
            file.write(0, index.encode(generation, segment.firstSequence(), syncedThrough));
            file.force();
        }
    }

    /// The index of a segment, or null if there is none or it is not intact.
    SegmentIndex.@Nullable Stored readIndex(long generation) throws IOException {
        String name = indexName(generation);
        if (!store.list().contains(name)) {
            return null;
        }
        try (StoredFile file = store.open(name)) {
            long size = file.size();
            if (size > SegmentIndex.maxFileBytes(JournalOptions.MAX_SEGMENT_BYTES)) {
                return null;
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            file.read(0, content);
            return SegmentIndex.decode(content.flip(), generation);
        }
    }

    /// Makes an index durable, which usually nothing depends on. If there is none, nothing happens.
    void forceIndex(long generation) throws IOException {
        String name = indexName(generation);
        if (store.list().contains(name)) {
            try (StoredFile file = store.open(name)) {
                file.force();
            }
            store.syncDirectory();
        }
    }

    /// Deletes a segment and its index; durable after the next sync of the directory.
    void delete(Segment segment) throws IOException {
        if (segment.isMade()) {
            segment.file().close();
        }
        String index = indexName(segment.header().generation());
        if (store.list().contains(index)) {
            store.delete(index);
        }
        store.delete(segment.name());
    }

    void syncDirectory() throws IOException {
        store.syncDirectory();
    }
}
