package dev.lockstep.journal;

import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Turns the records of a group into bytes: one copy into one direct buffer, one positional write
/// for each segment that is touched, unless a group is larger than the buffer may become.
///
/// Threading: whoever writes the one outstanding group.
final class GroupWriter {

    private static final int MIN_BUFFER_BYTES = 64 << 10;

    /// A larger group is written in pieces of this size.
    static final int MAX_BUFFER_BYTES = 4 << 20;

    private final SegmentFiles files;
    private final int groupId;
    private final CRC32C crc = new CRC32C();
    private final Frame frame = new Frame();
    private ByteBuffer buffer = allocate(MIN_BUFFER_BYTES);

    /// Where the content of the buffer goes.
    private long bufferOffset;

    GroupWriter(SegmentFiles files, int groupId) {
        this.files = files;
        this.groupId = groupId;
    }

    void writeRecords(PendingRecords.View records, long first, long last, long syncedThrough)
            throws IOException {
        buffer.clear();
        Segment segment = null;
        for (long sequence = first; sequence <= last; sequence++) {
            PendingRecord record = records.get(sequence);
            Segment target = Segment.require(record.segment);
            if (target != segment) {
                if (segment != null) {
                    flush(segment.file());
                }
                segment = target;
                begin(segment, record.offset);
            }
            putRecord(segment, record, sequence, syncedThrough);
        }
        if (segment != null) {
            flush(segment.file());
        }
    }

    void writeMark(Segment segment, int offset, long last, long syncedThrough) throws IOException {
        buffer.clear();
        bufferOffset = offset;
        frame.type = Frame.MARK;
        frame.kind = 0;
        frame.length = 0;
        frame.epoch = 0;
        frame.sequence = last;
        frame.syncedThrough = syncedThrough;
        frame.contentCrc = segment.header().checksumMask();
        frame.encode(buffer, groupId, segment.header().checksumMask());
        flush(segment.file());
    }

    /// Makes the segment if that was not done in the background; its header goes with what is the
    /// first thing in it. A mark may be that, where a crash left a segment without records.
    private void begin(Segment segment, int offset) throws IOException {
        if (!segment.isMade()) {
            files.make(segment);
        }
        if (offset == SegmentHeader.BYTES) {
            bufferOffset = 0;
            segment.header().encode(buffer);
        } else {
            bufferOffset = offset;
        }
    }

    private void putRecord(Segment segment, PendingRecord record, long sequence, long syncedThrough)
            throws IOException {
        int mask = segment.header().checksumMask();
        byte[] body = record.body.backingArray();
        crc.reset();
        crc.update(record.head, 0, record.headLength);
        crc.update(body, record.body.backingOffset(), record.body.size());
        record.contentCrc = (int) crc.getValue() ^ mask;
        frame.type = Frame.RECORD;
        frame.kind = record.kind;
        frame.length = record.length();
        frame.epoch = record.epoch;
        frame.sequence = sequence;
        frame.syncedThrough = syncedThrough;
        frame.contentCrc = record.contentCrc;
        StoredFile file = segment.file();
        ensure(file, Frame.sizeOf(frame.length));
        frame.encode(buffer, groupId, mask);
        put(file, record.head, 0, record.headLength);
        put(file, body, record.body.backingOffset(), record.body.size());
        ensure(file, Frame.ALIGNMENT);
        for (int padding = -frame.length & (Frame.ALIGNMENT - 1); padding > 0; padding--) {
            buffer.put((byte) 0);
        }
    }

    private void put(StoredFile file, byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        for (int left = length; left > 0; ) {
            if (!buffer.hasRemaining()) {
                flush(file);
            }
            int part = Math.min(left, buffer.remaining());
            buffer.put(bytes, at, part);
            at += part;
            left -= part;
        }
    }

    /// Makes room for `bytes`, or, in a buffer that may not grow so much, for a frame header or
    /// all of `bytes`, whichever is less.
    private void ensure(StoredFile file, int bytes) throws IOException {
        if (buffer.remaining() >= bytes) {
            return;
        }
        long wanted = (long) buffer.position() + bytes;
        if (buffer.capacity() < MAX_BUFFER_BYTES) {
            int capacity = buffer.capacity();
            while (capacity < wanted && capacity < MAX_BUFFER_BYTES) {
                capacity *= 2;
            }
            ByteBuffer larger = allocate(capacity);
            larger.put(buffer.flip());
            buffer = larger;
        }
        if (buffer.remaining() < Math.min(bytes, Frame.HEADER_BYTES)) {
            flush(file);
        }
    }

    private void flush(StoredFile file) throws IOException {
        long length = buffer.flip().limit();
        if (length > 0) {
            file.write(bufferOffset, buffer);
            bufferOffset += length;
        }
        buffer.clear();
    }

    private static ByteBuffer allocate(int bytes) {
        return Frame.littleEndian(ByteBuffer.allocateDirect(bytes));
    }
}
