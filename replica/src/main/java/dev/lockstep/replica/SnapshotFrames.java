package dev.lockstep.replica;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// What hosts say to each other about snapshots; frames as in [PeerFrames].
///
/// | kind | content |
/// |---|---|
/// | NEED_SNAPSHOT | least position that would do u64: what is your newest? |
/// | SNAPSHOT_OFFER | position u64, 0 for none; chunks u32, size u64, SHA-256 |
/// | NEED_CHUNK | position u64, chunk u32 |
/// | CHUNK | position u64, chunk u32, the chunk's bytes |
final class SnapshotFrames {

    static final int NEED_SNAPSHOT = 5;
    static final int SNAPSHOT_OFFER = 6;
    static final int NEED_CHUNK = 7;
    static final int CHUNK = 8;

    /// A question for one chunk.
    record Wanted(long position, int chunk) {}

    /// One chunk, as it is in the sender's file.
    record Sent(long position, int chunk, Bytes bytes) {}

    private SnapshotFrames() {}

    private static BytesWriter begin(int kind, long epoch, int bytes) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + bytes);
        PeerFrames.begin(kind, epoch, out);
        return out;
    }

    static Bytes needSnapshot(long epoch, long atLeast) {
        return begin(NEED_SNAPSHOT, epoch, 8).putLong(atLeast).toBytes();
    }

    /// The least position that would do.
    static long decodeNeedSnapshot(Bytes content) {
        BytesReader in = new BytesReader(content);
        long atLeast = in.getNonNegativeLong("position");
        in.requireEnd();
        return atLeast;
    }

    static Bytes offer(long epoch, @Nullable SnapshotDescription offered) {
        BytesWriter out = begin(SNAPSHOT_OFFER, epoch, 64);
        if (offered == null) {
            return out.putLong(0).toBytes();
        }
        out.putLong(offered.position()).putInt(offered.chunks()).putLong(offered.sizeBytes());
        return out.put(offered.digest()).toBytes();
    }

    /// The snapshot that is offered; null if there is none.
    static @Nullable SnapshotDescription decodeOffer(Bytes content) {
        BytesReader in = new BytesReader(content);
        long position = in.getNonNegativeLong("position");
        if (position == 0) {
            in.requireEnd();
            return null;
        }
        int chunks = in.getInt();
        long sizeBytes = in.getNonNegativeLong("size");
        Bytes digest = in.getBytes(SnapshotDescription.DIGEST_BYTES);
        in.requireEnd();
        try {
            return new SnapshotDescription(position, chunks, sizeBytes, digest);
        } catch (IllegalArgumentException impossible) {
            throw new MalformedException(String.valueOf(impossible.getMessage()));
        }
    }

    static Bytes needChunk(long epoch, long position, int chunk) {
        return begin(NEED_CHUNK, epoch, 12).putLong(position).putInt(chunk).toBytes();
    }

    static Wanted decodeNeedChunk(Bytes content) {
        BytesReader in = new BytesReader(content);
        Wanted wanted = new Wanted(in.getNonNegativeLong("position"), nonNegative(in.getInt()));
        in.requireEnd();
        return wanted;
    }

    /// The head of a frame with a chunk, whose bytes follow.
    static Bytes chunk(long epoch, long position, int chunk) {
        return begin(CHUNK, epoch, 12).putLong(position).putInt(chunk).toBytes();
    }

    static Sent decodeChunk(Bytes content) {
        BytesReader in = new BytesReader(content);
        long position = in.getNonNegativeLong("position");
        int chunk = nonNegative(in.getInt());
        return new Sent(position, chunk, in.getBytes(in.remaining()));
    }

    private static int nonNegative(int chunk) {
        if (chunk < 0) {
            throw new MalformedException("no chunk of a snapshot is " + chunk);
        }
        return chunk;
    }
}
