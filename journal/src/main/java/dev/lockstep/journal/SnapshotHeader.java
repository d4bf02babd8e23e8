package dev.lockstep.journal;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// The beginning of a snapshot file. Little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 8 | magic, `LSSNAPSH` |
/// | 8 | 4 | format version |
/// | 12 | 4 | CRC32C of the 128 bytes, this field taken as 0; stays here in every version |
/// | 16 | 8 | position |
/// | 24 | 4 | content of a chunk, in bytes |
/// | 28 | 4 | length of the label |
/// | 32 | 64 | label, then zeros |
/// | 96 | 32 | 0 |
///
/// The chunks follow, each as [SnapshotChunk] says, all full but the last; then the trailer, as
/// [SnapshotTrailer] says, and the file ends. So the place of everything follows from the size of
/// the content.
///
/// @param label whose snapshot it is
/// @param position the last position whose effects it holds
/// @param chunkBytes how much content every chunk has, except the last
record SnapshotHeader(Bytes label, long position, int chunkBytes) {

    static final int BYTES = 128;
    static final int VERSION = 1;
    static final int MAX_LABEL_BYTES = 64;

    private static final long MAGIC = 0x4853_5041_4e53_534cL;
    private static final int CRC_OFFSET = 12;
    private static final int LABEL_OFFSET = 32;

    /// All [#BYTES] bytes.
    ByteBuffer encode() {
        ByteBuffer out = Frame.littleEndian(ByteBuffer.allocate(BYTES));
        out.putLong(0, MAGIC).putInt(8, VERSION).putLong(16, position);
        out.putInt(24, chunkBytes).putInt(28, label.size());
        label.copyTo(out.array(), LABEL_OFFSET);
        return out.putInt(CRC_OFFSET, crcOf(out));
    }

    /// The version of a header, or 0 if `in` holds none.
    static int versionOf(ByteBuffer in) {
        Frame.littleEndian(in);
        if (in.limit() < BYTES || in.getLong(0) != MAGIC || in.getInt(CRC_OFFSET) != crcOf(in)) {
            return 0;
        }
        return in.getInt(8);
    }

    /// Reads a header of this version, or null if `in` holds none.
    static @Nullable SnapshotHeader decode(ByteBuffer in) {
        if (versionOf(in) != VERSION) {
            return null;
        }
        int labelBytes = in.getInt(28);
        if (labelBytes < 0 || labelBytes > MAX_LABEL_BYTES) {
            return null;
        }
        Bytes label = Bytes.copyOf(in.slice(LABEL_OFFSET, labelBytes));
        return new SnapshotHeader(label, in.getLong(16), in.getInt(24));
    }

    private static int crcOf(ByteBuffer header) {
        byte[] bytes = new byte[BYTES];
        header.get(0, bytes);
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[CRC_OFFSET + i] = 0;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BYTES);
        return (int) crc.getValue();
    }
}
