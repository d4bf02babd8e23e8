package dev.lockstep.journal;

import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Reads one segment from front to back through a window, believing nothing that has no checksum.
final class SegmentReader {

    private static final int WINDOW_BYTES = 256 << 10;

    private final StoredFile file;
    private final SegmentHeader header;
    private final int mask;
    private final Frame frame = new Frame();
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer window;
    private long windowStart;

    /// What lies behind the end of the valid records.
    ///
    /// @param firstNonZero the first byte that is not zero; -1 if there is none
    /// @param lastNonZero the last byte that is not zero; -1 if there is none
    /// @param syncedThrough the highest that a valid frame header names; 0 if there is none
    record Remains(long firstNonZero, long lastNonZero, long syncedThrough) {

        boolean isClean() {
            return firstNonZero < 0;
        }
    }

    SegmentReader(StoredFile file, SegmentHeader header) {
        this(file, header, WINDOW_BYTES);
    }

    /// @param windowBytes how much to read at a time, if more is not needed
    SegmentReader(StoredFile file, SegmentHeader header, int windowBytes) {
        this.file = file;
        this.header = header;
        this.mask = header.checksumMask();
        this.window =
                Frame.littleEndian(ByteBuffer.allocate(Math.clamp(windowBytes, 512, WINDOW_BYTES)));
        this.window.limit(0);
    }

    /// The frame that the last call decoded.
    Frame frame() {
        return frame;
    }

    /// Decodes the frame header at `offset`; false if there is none.
    boolean decode(long offset) throws IOException {
        long room = header.sizeBytes() - offset;
        if (room < Frame.HEADER_BYTES) {
            return false;
        }
        int index = load(offset, Frame.HEADER_BYTES);
        return frame.decode(window, index, room, header.group(), mask);
    }

    /// As [#decode], as if one bit of the header were not what it is.
    boolean decodeFlipped(long offset, int bit) throws IOException {
        long room = header.sizeBytes() - offset;
        if (room < Frame.HEADER_BYTES) {
            return false;
        }
        int index = load(offset, Frame.HEADER_BYTES);
        int at = index + bit / Byte.SIZE;
        byte was = window.get(at);
        window.put(at, (byte) (was ^ (1 << (bit % Byte.SIZE))));
        boolean isThere = frame.decode(window, index, room, header.group(), mask);
        window.put(at, was);
        return isThere;
    }

    /// True if the content behind the decoded header at `offset` is what was written.
    boolean hasContent(long offset) throws IOException {
        return hasContent(offset, frame.length, frame.contentCrc);
    }

    /// True if the content behind a header at `offset` is what was written.
    ///
    /// @param contentCrc with the segment's mask
    boolean hasContent(long offset, int length, int contentCrc) throws IOException {
        crc.reset();
        long at = offset + Frame.HEADER_BYTES;
        for (int left = length; left > 0; ) {
            int part = Math.min(left, window.capacity());
            int index = load(at, part);
            crc.update(window.array(), index, part);
            at += part;
            left -= part;
        }
        return ((int) crc.getValue() ^ mask) == contentCrc;
    }

    /// The record at `offset`, or null if it is not there or not intact.
    @Nullable JournalRecord record(long offset, long sequence) throws IOException {
        if (!decode(offset) || frame.type != Frame.RECORD || frame.sequence != sequence) {
            return null;
        }
        byte[] content = new byte[frame.length];
        for (int done = 0; done < content.length; ) {
            int part = Math.min(content.length - done, window.capacity());
            int index = load(offset + Frame.HEADER_BYTES + done, part);
            System.arraycopy(window.array(), index, content, done, part);
            done += part;
        }
        crc.reset();
        crc.update(content, 0, content.length);
        if (((int) crc.getValue() ^ mask) != frame.contentCrc) {
            return null;
        }
        return new JournalRecord(sequence, frame.kind, frame.epoch, Bytes.wrap(content));
    }

    /// Looks at everything from `from` on: where there are bytes that are not zero, and what the
    /// frames among them, wherever they begin, prove.
    Remains remains(long from) throws IOException {
        long first = -1;
        long last = -1;
        long syncedThrough = 0;
        Frame candidate = new Frame();
        for (long at = from; at < header.sizeBytes(); at += Long.BYTES) {
            int index = load(at, Long.BYTES);
            long word = window.getLong(index);
            if (word == 0) {
                continue;
            }
            first = first < 0 ? at : first;
            last = at + Long.BYTES - 1;
            long start = at - Long.BYTES;
            long room = header.sizeBytes() - start;
            if (Frame.mayHoldMagic(word) && start >= from && room >= Frame.HEADER_BYTES) {
                index = load(start, Frame.HEADER_BYTES);
                if (candidate.decode(window, index, room, header.group(), mask)) {
                    syncedThrough = Math.max(syncedThrough, candidate.syncedThrough);
                }
            }
        }
        return new Remains(first, last, syncedThrough);
    }

    /// Makes `length` bytes from `offset` present and returns where they begin in the window.
    private int load(long offset, int length) throws IOException {
        if (offset < windowStart || offset + length > windowStart + window.limit()) {
            window.clear();
            window.limit((int) Math.min(window.capacity(), header.sizeBytes() - offset));
            int read = file.read(offset, window);
            Arrays.fill(window.array(), Math.max(read, 0), window.limit(), (byte) 0);
            windowStart = offset;
        }
        return (int) (offset - windowStart);
    }
}
