package dev.lockstep.journal;

import dev.lockstep.core.ClusterId;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// The first sector of a segment file. Little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 8 | magic, `LSJOURNL` |
/// | 8 | 4 | format version |
/// | 12 | 4 | CRC32C of bytes 0 to 96, this field taken as 0; stays here in every version |
/// | 16 | 16 | cluster id, high and low half |
/// | 32 | 4 | group id |
/// | 36 | 4 | 0 |
/// | 40 | 8 | generation |
/// | 48 | 8 | size of the file |
/// | 56 | 8 | salt |
/// | 64 | 8 | first sequence |
/// | 72 | 8 | kept from |
/// | 80 | 16 | 0 |
///
/// It is durable before the file gets its name, and rewritten in place twice at most (at the first
/// record, and when a prefix is dropped): a sector is old or new, never a mixture. So an invalid
/// header is never a torn write.
///
/// @param generation the number in the file's name, never used again; part of every checksum
/// @param sizeBytes of the file, from its creation on
/// @param salt part of every checksum
/// @param firstSequence the first record; 0 while the segment is prepared and not used
/// @param keptFrom records from here on must be there, those before may have been dropped
record SegmentHeader(
        ClusterId cluster,
        int group,
        long generation,
        long sizeBytes,
        long salt,
        long firstSequence,
        long keptFrom) {

    /// One sector; records begin behind it.
    static final int BYTES = 512;

    static final int VERSION = 1;

    private static final long MAGIC = 0x4c4e_5255_4f4a_534cL;
    private static final int CHECKED_BYTES = 96;
    private static final int CRC_OFFSET = 12;

    /// True while no record was written.
    boolean isUnused() {
        return firstSequence == 0;
    }

    SegmentHeader withFirstSequence(long sequence, long newKeptFrom) {
        return new SegmentHeader(
                cluster, group, generation, sizeBytes, salt, sequence, newKeptFrom);
    }

    /// What is mixed into each checksum of the segment, so that neither bytes of another segment
    /// nor bytes that a client made up pass for its records.
    int checksumMask() {
        long mixed = (generation * 0x9e37_79b9_7f4a_7c15L) ^ salt;
        mixed = (mixed ^ (mixed >>> 33)) * 0xff51_afd7_ed55_8ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ce_b9fe_1a85_ec53L;
        return (int) (mixed ^ (mixed >>> 33));
    }

    /// Puts [#BYTES] bytes.
    void encode(ByteBuffer target) {
        ByteBuffer sector = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        sector.putLong(0, MAGIC).putInt(8, VERSION);
        sector.putLong(16, cluster.high()).putLong(24, cluster.low()).putInt(32, group);
        sector.putLong(40, generation).putLong(48, sizeBytes).putLong(56, salt);
        sector.putLong(64, firstSequence).putLong(72, keptFrom);
        sector.putInt(CRC_OFFSET, crcOf(sector));
        target.put(sector);
    }

    /// The version of a header, or 0 if the sector holds none.
    static int versionOf(ByteBuffer sector) {
        sector.order(ByteOrder.LITTLE_ENDIAN);
        if (sector.limit() < BYTES
                || sector.getLong(0) != MAGIC
                || sector.getInt(CRC_OFFSET) != crcOf(sector)) {
            return 0;
        }
        return sector.getInt(8);
    }

    /// Reads a header of this version, or null if the sector holds none.
    static @Nullable SegmentHeader decode(ByteBuffer sector) {
        if (versionOf(sector) != VERSION) {
            return null;
        }
        return new SegmentHeader(
                new ClusterId(sector.getLong(16), sector.getLong(24)),
                sector.getInt(32),
                sector.getLong(40),
                sector.getLong(48),
                sector.getLong(56),
                sector.getLong(64),
                sector.getLong(72));
    }

    /// True if the sector holds a header of this version.
    static boolean isIn(ByteBuffer sector) {
        return versionOf(sector) == VERSION;
    }

    /// What the sector held before one bit of it flipped: its checksum tells which. Null if more
    /// than that has happened to it.
    static @Nullable SegmentHeader corrected(ByteBuffer sector) {
        if (sector.limit() < BYTES) {
            return null;
        }
        for (int bit = 0; bit < CHECKED_BYTES * Byte.SIZE; bit++) {
            int at = bit / Byte.SIZE;
            byte was = sector.get(at);
            sector.put(at, (byte) (was ^ (1 << (bit % Byte.SIZE))));
            SegmentHeader header = decode(sector);
            sector.put(at, was);
            if (header != null) {
                return header;
            }
        }
        return null;
    }

    private static int crcOf(ByteBuffer sector) {
        byte[] bytes = new byte[CHECKED_BYTES];
        sector.get(0, bytes);
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[CRC_OFFSET + i] = 0;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CHECKED_BYTES);
        return (int) crc.getValue();
    }
}
