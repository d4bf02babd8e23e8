package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The end of a snapshot file, which says what the whole is. Little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | CRC32C of the label and bytes 4 to 64 |
/// | 4 | 4 | magic, `LSND` |
/// | 8 | 4 | number of chunks |
/// | 12 | 4 | 0 |
/// | 16 | 8 | position |
/// | 24 | 8 | size of the content |
/// | 32 | 32 | SHA-256 of the content |
final class SnapshotTrailer {

    static final int BYTES = 64;

    private static final int MAGIC = 0x444e_534c;
    private static final int DIGEST_OFFSET = 32;

    private SnapshotTrailer() {}

    /// All [#BYTES] bytes.
    static ByteBuffer encode(SnapshotDescription description, Bytes label) {
        ByteBuffer out = Frame.littleEndian(ByteBuffer.allocate(BYTES));
        out.putInt(4, MAGIC).putInt(8, description.chunks()).putLong(16, description.position());
        out.putLong(24, description.sizeBytes());
        description.digest().copyTo(out.array(), DIGEST_OFFSET);
        Bytes checked = Bytes.wrap(out.array(), 4, BYTES - 4);
        return out.putInt(0, SnapshotChunk.crcAfterLabel(label, checked));
    }

    /// Reads a trailer, or null if `in` is not an intact one of a snapshot at `position`.
    static @Nullable SnapshotDescription decode(
            Bytes in, Bytes label, long position, int chunkBytes) {
        if (in.size() != BYTES
                || in.getInt(4) != MAGIC
                || in.getInt(0) != SnapshotChunk.crcAfterLabel(label, in.slice(4, BYTES - 4))
                || in.getLong(16) != position) {
            return null;
        }
        int chunks = in.getInt(8);
        long sizeBytes = in.getLong(24);
        if (sizeBytes < 0 || chunks < 0 || chunks != chunksOf(sizeBytes, chunkBytes)) {
            return null;
        }
        Bytes digest = in.slice(DIGEST_OFFSET, SnapshotDescription.DIGEST_BYTES);
        return new SnapshotDescription(position, chunks, sizeBytes, digest);
    }

    /// How many chunks a content is cut into.
    static long chunksOf(long sizeBytes, int chunkBytes) {
        return sizeBytes / chunkBytes + (sizeBytes % chunkBytes == 0 ? 0 : 1);
    }

    /// How much content the chunk at `index` has.
    static int lengthOf(SnapshotDescription description, int index, int chunkBytes) {
        return (int) Math.min(chunkBytes, description.sizeBytes() - (long) index * chunkBytes);
    }

    /// Where the chunk at `index` begins in the file, or the trailer behind so many chunks that are
    /// all full.
    static long offsetOf(int index, int chunkBytes) {
        return SnapshotHeader.BYTES + (long) index * (SnapshotChunk.HEADER_BYTES + chunkBytes);
    }

    /// Where the trailer begins.
    static long offsetIn(SnapshotDescription description) {
        return SnapshotHeader.BYTES
                + (long) description.chunks() * SnapshotChunk.HEADER_BYTES
                + description.sizeBytes();
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw Invariant.broken("every Java platform has SHA-256");
        }
    }
}
