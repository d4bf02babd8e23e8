package dev.lockstep.replica;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What a member signs for when it has taken a snapshot: the whole of it, chunk by chunk. The
/// snapshot has the service's state, sessions and what else the host replicates, the epoch and
/// where the protocol resumes: equal at all honest members that have taken one at the position.
///
/// @param snapshot position, sizes, and the SHA-256 of the content
/// @param manifest SHA-256 of the chunks' digests, in their order
record Checkpoint(SnapshotDescription snapshot, Bytes manifest) {

    static final int DIGEST_BYTES = SnapshotDescription.DIGEST_BYTES;

    /// Tells what is signed here from all else that a member signs.
    private static final byte[] DOMAIN = "LSSNP2".getBytes(StandardCharsets.US_ASCII);

    long position() {
        return snapshot.position();
    }

    /// What is signed.
    ///
    /// @param epoch the one whose members vouch for it
    Bytes signedBytes(ClusterId cluster, long epoch) {
        BytesWriter out = new BytesWriter(160);
        out.put(DOMAIN, 0, DOMAIN.length).putByte(0);
        out.putLong(cluster.high()).putLong(cluster.low()).putLong(epoch);
        encode(out);
        return out.toBytes();
    }

    void encode(BytesWriter out) {
        out.putLong(snapshot.position()).putInt(snapshot.chunks());
        out.putLong(snapshot.sizeBytes()).put(snapshot.digest()).put(manifest);
    }

    /// @throws MalformedException if it is none
    static Checkpoint decode(BytesReader in) {
        long position = in.getNonNegativeLong("position");
        int chunks = in.getInt();
        long sizeBytes = in.getNonNegativeLong("size");
        Bytes digest = in.getBytes(DIGEST_BYTES);
        Bytes manifest = in.getBytes(DIGEST_BYTES);
        try {
            return new Checkpoint(
                    new SnapshotDescription(position, chunks, sizeBytes, digest), manifest);
        } catch (IllegalArgumentException impossible) {
            throw new MalformedException(String.valueOf(impossible.getMessage()));
        }
    }

    static Bytes digest(Bytes of) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(of.backingArray(), of.backingOffset(), of.size());
            return Bytes.wrap(digest.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this Java has no SHA-256; use another", missing);
        }
    }
}
