package dev.lockstep.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// The header in front of a record's content, decoded; one object serves many headers.
/// Little-endian, and every frame begins at a multiple of [#ALIGNMENT]:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | CRC32C of bytes 4 to 48, xor the segment's mask |
/// | 4 | 4 | length of the content |
/// | 8 | 1 | kind: the host's tag |
/// | 9 | 1 | type: 1 record, 2 mark |
/// | 10 | 2 | magic, `LJ` |
/// | 12 | 4 | group id |
/// | 16 | 8 | epoch |
/// | 24 | 8 | sequence; of a mark, that of the record before it |
/// | 32 | 8 | synced through: every record up to here was durable when this was written |
/// | 40 | 4 | CRC32C of the content, xor the segment's mask |
/// | 44 | 4 | 0 |
///
/// Length and all else are believed only after the header's own checksum.
final class Frame {

    static final int HEADER_BYTES = 48;
    static final int ALIGNMENT = 8;
    static final int RECORD = 1;
    static final int MARK = 2;

    private static final short MAGIC = 0x4a4c;

    int length;
    int kind;
    int type;
    long epoch;
    long sequence;
    long syncedThrough;
    int contentCrc;

    private final byte[] scratch = new byte[HEADER_BYTES];
    private final CRC32C crc = new CRC32C();

    /// What a frame with this much content takes up in a segment.
    static int sizeOf(int length) {
        return (HEADER_BYTES + length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /// Puts this header; `target` is little-endian.
    void encode(ByteBuffer target, int group, int mask) {
        int at = target.position();
        target.putInt(0).putInt(length).put((byte) kind).put((byte) type).putShort(MAGIC);
        target.putInt(group).putLong(epoch).putLong(sequence).putLong(syncedThrough);
        target.putInt(contentCrc).putInt(0);
        target.putInt(at, headerCrc(target, at) ^ mask);
    }

    /// Reads the header at `index`; false if there is none, its fields then mean nothing.
    ///
    /// @param room how many bytes of the segment there are from the header on
    boolean decode(ByteBuffer source, int index, long room, int group, int mask) {
        if (room < HEADER_BYTES || source.getShort(index + 10) != MAGIC) {
            return false;
        }
        if ((headerCrc(source, index) ^ mask) != source.getInt(index)) {
            return false;
        }
        length = source.getInt(index + 4);
        kind = source.get(index + 8) & 0xff;
        type = source.get(index + 9);
        epoch = source.getLong(index + 16);
        sequence = source.getLong(index + 24);
        syncedThrough = source.getLong(index + 32);
        contentCrc = source.getInt(index + 40);
        return source.getInt(index + 12) == group && isPlausible(room);
    }

    /// True if the second eight bytes of a frame header could look like this.
    static boolean mayHoldMagic(long word) {
        return (short) (word >>> 16) == MAGIC;
    }

    private boolean isPlausible(long room) {
        boolean fits =
                length >= 0
                        && length <= JournalOptions.MAX_RECORD_BYTES
                        && sizeOf(length) <= room
                        && syncedThrough >= 0;
        return switch (type) {
            case RECORD -> fits && sequence > syncedThrough;
            case MARK -> fits && length == 0 && sequence >= syncedThrough;
            default -> false;
        };
    }

    private int headerCrc(ByteBuffer source, int index) {
        source.get(index, scratch);
        crc.reset();
        crc.update(scratch, Integer.BYTES, HEADER_BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }

    /// The order of bytes in every file of a journal.
    static ByteBuffer littleEndian(ByteBuffer buffer) {
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }
}
