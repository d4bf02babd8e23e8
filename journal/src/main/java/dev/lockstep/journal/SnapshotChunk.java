package dev.lockstep.journal;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Makes and checks the chunks of one snapshot. In a file and on the way to another member a chunk
/// is the same bytes: a header, then content. Little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | CRC32C of the label and bytes 4 to 32 |
/// | 4 | 4 | magic, `LSCK` |
/// | 8 | 4 | index, from 0 |
/// | 12 | 4 | length of the content |
/// | 16 | 8 | position of the snapshot |
/// | 24 | 4 | CRC32C of the content |
/// | 28 | 4 | format version |
///
/// A chunk of another place, snapshot or label never passes, because whoever checks one knows
/// what it must be; the length in it is not believed but compared.
final class SnapshotChunk {

    static final int HEADER_BYTES = 32;

    private static final int MAGIC = 0x4b43_534c;

    private final Bytes label;
    private final long position;

    SnapshotChunk(Bytes label, long position) {
        this.label = label;
        this.position = position;
    }

    /// Puts the header before the content, which begins at [#HEADER_BYTES].
    void seal(byte[] chunk, int index, int length) {
        ByteBuffer out = Frame.littleEndian(ByteBuffer.wrap(chunk));
        out.putInt(4, MAGIC).putInt(8, index).putInt(12, length).putLong(16, position);
        out.putInt(24, Bytes.wrap(chunk, HEADER_BYTES, length).crc32c());
        out.putInt(28, SnapshotHeader.VERSION);
        out.putInt(0, crcAfterLabel(label, Bytes.wrap(chunk, 4, HEADER_BYTES - 4)));
    }

    /// What is wrong with a chunk, in words; null if it is intact and the one that is wanted.
    @Nullable String fault(Bytes chunk, int index, int length) {
        if (chunk.size() < HEADER_BYTES
                || chunk.getInt(4) != MAGIC
                || chunk.getInt(0) != crcAfterLabel(label, chunk.slice(4, HEADER_BYTES - 4))) {
            return "the header of chunk " + index + " is not intact";
        }
        if (chunk.getInt(28) != SnapshotHeader.VERSION) {
            return "chunk "
                    + index
                    + " has snapshot format "
                    + chunk.getInt(28)
                    + ", and this version of Lockstep reads format "
                    + SnapshotHeader.VERSION;
        }
        if (chunk.getLong(16) != position) {
            return "there is a chunk of the snapshot at "
                    + chunk.getLong(16)
                    + ", not of that at "
                    + position;
        }
        if (chunk.getInt(8) != index) {
            return "there is chunk " + chunk.getInt(8) + " in the place of chunk " + index;
        }
        if (chunk.getInt(12) != length || chunk.size() != HEADER_BYTES + length) {
            return "chunk "
                    + index
                    + " has "
                    + (chunk.size() - HEADER_BYTES)
                    + " bytes of content and says "
                    + chunk.getInt(12)
                    + ", it must have "
                    + length;
        }
        if (chunk.getInt(24) != chunk.slice(HEADER_BYTES, length).crc32c()) {
            return "the content of chunk " + index + " is not intact";
        }
        return null;
    }

    /// The checksum that chunk headers and trailers have.
    static int crcAfterLabel(Bytes label, Bytes bytes) {
        CRC32C crc = new CRC32C();
        crc.update(label.backingArray(), label.backingOffset(), label.size());
        crc.update(bytes.backingArray(), bytes.backingOffset(), bytes.size());
        return (int) crc.getValue();
    }
}
