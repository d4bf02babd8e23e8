package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Gives damaged files of a journal the checksums that fit, so that fuzzing comes past them.
final class JournalSeals {

    private static final long SEGMENT = 0x4c4e_5255_4f4a_534cL;
    private static final long INDEX = 0x5845_444e_494a_534cL;
    private static final short FRAME = 0x4a4c;
    private static final int CRC_AT = 12;
    private static final int CHECKED_BYTES = 96;

    private JournalSeals() {}

    /// Seals a segment or an index; leaves alone what begins as neither.
    static void seal(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length >= SegmentHeader.BYTES && bytes.getLong(0) == SEGMENT) {
            bytes.putInt(CRC_AT, 0);
            bytes.putInt(CRC_AT, crc(file, 0, CHECKED_BYTES));
            sealFrames(file, bytes);
        } else if (file.length >= CRC_AT + 4 && bytes.getLong(0) == INDEX) {
            CRC32C crc = new CRC32C();
            crc.update(file, 0, CRC_AT);
            crc.update(file, CRC_AT + 4, file.length - CRC_AT - 4);
            bytes.putInt(CRC_AT, (int) crc.getValue());
        }
    }

    private static void sealFrames(byte[] file, ByteBuffer bytes) {
        ClusterId cluster = new ClusterId(bytes.getLong(16), bytes.getLong(24));
        int mask =
                new SegmentHeader(
                                cluster,
                                bytes.getInt(32),
                                bytes.getLong(40),
                                bytes.getLong(48),
                                bytes.getLong(56),
                                bytes.getLong(64),
                                bytes.getLong(72))
                        .checksumMask();
        int at = SegmentHeader.BYTES;
        while (at + Frame.HEADER_BYTES <= bytes.limit() && bytes.getShort(at + 10) == FRAME) {
            int content = at + Frame.HEADER_BYTES;
            int length = bytes.getInt(at + 4);
            boolean fits = length >= 0 && length <= bytes.limit() - content;
            if (fits) {
                bytes.putInt(at + 40, crc(file, content, length) ^ mask);
            }
            bytes.putInt(at, crc(file, at + 4, Frame.HEADER_BYTES - 4) ^ mask);
            if (!fits) {
                return;
            }
            at += Frame.sizeOf(length);
        }
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
