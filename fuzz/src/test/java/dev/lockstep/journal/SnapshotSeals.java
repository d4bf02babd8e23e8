package dev.lockstep.journal;

import dev.lockstep.core.wire.Bytes;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Gives damaged snapshot files and chunks the checksums that fit, so that fuzzing comes past them.
final class SnapshotSeals {

    private static final int HEADER_CRC_AT = 12;
    private static final int CHUNK_MAGIC = 0x4b43_534c;

    private SnapshotSeals() {}

    /// Seals a snapshot file: its header, the chunks that follow as far as they fit, the trailer.
    static void seal(byte[] file, Bytes label) {
        if (file.length < SnapshotHeader.BYTES) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(HEADER_CRC_AT, 0);
        CRC32C crc = new CRC32C();
        crc.update(file, 0, SnapshotHeader.BYTES);
        bytes.putInt(HEADER_CRC_AT, (int) crc.getValue());
        int at = SnapshotHeader.BYTES;
        while (file.length - at >= SnapshotChunk.HEADER_BYTES
                && bytes.getInt(at + 4) == CHUNK_MAGIC) {
            int length = bytes.getInt(at + 12);
            int room = file.length - at - SnapshotChunk.HEADER_BYTES;
            int size = SnapshotChunk.HEADER_BYTES + Math.clamp(length, 0, room);
            sealChunk(file, at, size, label);
            at += size;
        }
        if (file.length - at >= SnapshotTrailer.BYTES) {
            Bytes checked = Bytes.wrap(file, at + 4, SnapshotTrailer.BYTES - 4);
            bytes.putInt(at, SnapshotChunk.crcAfterLabel(label, checked));
        }
    }

    /// Seals the chunk of so many bytes, its header included.
    static void sealChunk(byte[] file, int at, int size, Bytes label) {
        if (size < SnapshotChunk.HEADER_BYTES) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int content = SnapshotChunk.HEADER_BYTES;
        bytes.putInt(at + 24, Bytes.wrap(file, at + content, size - content).crc32c());
        Bytes checked = Bytes.wrap(file, at + 4, content - 4);
        bytes.putInt(at, SnapshotChunk.crcAfterLabel(label, checked));
    }
}
