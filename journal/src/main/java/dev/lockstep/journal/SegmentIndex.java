package dev.lockstep.journal;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// The second place in which record headers are kept: a file beside each segment that is full, so
/// that kind, epoch, length and checksum of a damaged record stay known. It is written in the
/// background when the journal has gone on to the next segment: on the way of a group it would
/// cost a second write. Little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 8 | magic, `LSJINDEX` |
/// | 8 | 4 | format version |
/// | 12 | 4 | CRC32C of everything else |
/// | 16 | 8 | generation of the segment |
/// | 24 | 8 | first sequence |
/// | 32 | 8 | synced through: every record up to here was durable when this was written |
/// | 40 | 4 | how many entries follow |
/// | 44 | 4 | 0 |
/// | 48 | 24 each | epoch (8), offset (4), length (4), checksum as in the segment (4), kind (4) |
final class SegmentIndex {

    private static final long MAGIC = 0x5845_444e_494a_534cL;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 48;
    private static final int ENTRY_BYTES = 24;
    private static final int CRC_OFFSET = 12;

    private ByteBuffer entries = allocate(16 * ENTRY_BYTES);

    /// One record's header, as the index remembers it.
    record Entry(long epoch, int offset, int length, int contentCrc, int kind) {}

    /// An index file's content.
    record Stored(long firstSequence, long syncedThrough, SegmentIndex index) {}

    void add(int offset, int kind, long epoch, int length, int contentCrc) {
        if (entries.remaining() < ENTRY_BYTES) {
            entries = allocate(entries.capacity() * 2).put(entries.flip());
        }
        entries.putLong(epoch).putInt(offset).putInt(length).putInt(contentCrc).putInt(kind);
    }

    int count() {
        return entries.position() / ENTRY_BYTES;
    }

    Entry entry(int i) {
        int at = i * ENTRY_BYTES;
        return new Entry(
                entries.getLong(at),
                entries.getInt(at + 8),
                entries.getInt(at + 12),
                entries.getInt(at + 16),
                entries.getInt(at + 20));
    }

    boolean holdsTheSameAs(SegmentIndex other) {
        return entries.duplicate().flip().equals(other.entries.duplicate().flip());
    }

    /// The largest index that a segment of this size can have.
    static long maxFileBytes(long segmentBytes) {
        return HEADER_BYTES + segmentBytes / Frame.HEADER_BYTES * ENTRY_BYTES;
    }

    /// The whole file.
    ByteBuffer encode(long generation, long firstSequence, long syncedThrough) {
        ByteBuffer out = allocate(HEADER_BYTES + entries.position());
        out.putLong(MAGIC).putInt(VERSION).putInt(0).putLong(generation).putLong(firstSequence);
        out.putLong(syncedThrough).putInt(count()).putInt(0);
        out.put(entries.duplicate().flip()).flip();
        out.putInt(CRC_OFFSET, crcOf(out));
        return out;
    }

    /// Reads a whole file, or null if it is not an intact index of that segment.
    static @Nullable Stored decode(ByteBuffer in, long generation) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        if (in.limit() < HEADER_BYTES
                || in.getLong(0) != MAGIC
                || in.getInt(8) != VERSION
                || in.getLong(16) != generation
                || in.getInt(CRC_OFFSET) != crcOf(in)
                || in.limit() != HEADER_BYTES + (long) in.getInt(40) * ENTRY_BYTES) {
            return null;
        }
        SegmentIndex index = new SegmentIndex();
        for (int at = HEADER_BYTES; at < in.limit(); at += ENTRY_BYTES) {
            index.add(
                    in.getInt(at + 8),
                    in.getInt(at + 20),
                    in.getLong(at),
                    in.getInt(at + 12),
                    in.getInt(at + 16));
        }
        return new Stored(in.getLong(24), in.getLong(32), index);
    }

    private static int crcOf(ByteBuffer file) {
        CRC32C crc = new CRC32C();
        crc.update(file.slice(0, CRC_OFFSET));
        int rest = CRC_OFFSET + Integer.BYTES;
        crc.update(file.slice(rest, file.limit() - rest));
        return (int) crc.getValue();
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
