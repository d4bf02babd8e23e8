package dev.lockstep.replica;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.ArrayList;
import java.util.List;

/// What hosts say to each other about snapshots that they vouch for; frames as in [PeerFrames].
///
/// | kind | content |
/// |---|---|
/// | CHECKPOINT | checkpoint, signature with its size, of the epoch that the frame is of |
/// | NEED_PROOF | least position that would do u64: what is vouched for? |
/// | PROOF | checkpoint, proof of the epoch, signatures, the chunks' digests |
///
/// A checkpoint: position u64, chunks u32, size u64, SHA-256 of the content, SHA-256 of
/// the chunks' digests. A proof of the epoch: its number u64, and the wish that began it with its
/// size, 0 in the first. Signatures: count u8, as often a member u32 and a signature with its size.
/// A member that has nothing to offer answers with an empty [SnapshotFrames]
/// offer.
final class CheckpointFrames {

    static final int CHECKPOINT = 20;
    static final int NEED_PROOF = 21;
    static final int PROOF = 22;

    private static final int MOST_SIGNATURE_BYTES = 256;
    private static final int MOST_SIGNERS = 255;

    /// 64 GiB in chunks of a quarter of a MiB.
    static final int MOST_CHUNKS = 1 << 18;

    /// One member's word.
    record Signed(Checkpoint checkpoint, Bytes signature) {}

    /// A member's signature under a checkpoint.
    record Signature(ReplicaId signer, Bytes signature) {}

    /// Several members' word for one snapshot.
    ///
    /// @param epoch the one whose members have signed
    /// @param wish by which it began, as bytes; empty in the first
    /// @param chunks the digests of its chunks, one after the other
    record Proof(
            long epoch,
            Bytes wish,
            Checkpoint checkpoint,
            List<Signature> signatures,
            Bytes chunks) {
        Proof {
            signatures = List.copyOf(signatures);
        }

        /// True if the digests are those that were signed for.
        boolean isWhole() {
            return chunks.size() == checkpoint.snapshot().chunks() * Checkpoint.DIGEST_BYTES
                    && Checkpoint.digest(chunks).equals(checkpoint.manifest());
        }

        /// True if this is that chunk.
        boolean has(int index, Bytes chunk) {
            Bytes expected = chunks.slice(index * Checkpoint.DIGEST_BYTES, Checkpoint.DIGEST_BYTES);
            return Checkpoint.digest(chunk).equals(expected);
        }
    }

    private CheckpointFrames() {}

    static Bytes checkpoint(long epoch, Signed signed) {
        BytesWriter out = new BytesWriter(256);
        PeerFrames.begin(CHECKPOINT, epoch, out);
        signed.checkpoint().encode(out);
        return out.putSized(signed.signature()).toBytes();
    }

    static Signed decodeCheckpoint(Bytes content) {
        BytesReader in = new BytesReader(content);
        Checkpoint checkpoint = Checkpoint.decode(in);
        Bytes signature = in.getSized(MOST_SIGNATURE_BYTES, "signature");
        in.requireEnd();
        return new Signed(checkpoint, signature);
    }

    static Bytes needProof(long epoch, long atLeast) {
        BytesWriter out = new BytesWriter(PeerFrames.HEADER_BYTES + 8);
        PeerFrames.begin(NEED_PROOF, epoch, out);
        return out.putLong(atLeast).toBytes();
    }

    static Bytes proof(Proof proof) {
        BytesWriter out = new BytesWriter(1_024);
        PeerFrames.begin(PROOF, proof.epoch(), out);
        proof.checkpoint().encode(out);
        out.putLong(proof.epoch()).putSized(proof.wish());
        out.putByte(proof.signatures().size());
        for (Signature each : proof.signatures()) {
            out.putInt(each.signer().value()).putSized(each.signature());
        }
        return out.putSized(proof.chunks()).toBytes();
    }

    static Proof decodeProof(Bytes content) {
        BytesReader in = new BytesReader(content);
        Checkpoint checkpoint = Checkpoint.decode(in);
        long epoch = in.getNonNegativeLong("epoch");
        Bytes wish = in.getSized(Wish.MAX_BYTES, "wish");
        int count = in.getByte() & MOST_SIGNERS;
        List<Signature> signatures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int signer = in.getInt();
            if (signer < 1 || signer > ReplicaId.MAX_VALUE) {
                throw new MalformedException("no replica has number " + signer);
            }
            Bytes signature = in.getSized(MOST_SIGNATURE_BYTES, "signature");
            signatures.add(new Signature(new ReplicaId(signer), signature));
        }
        Bytes chunks = in.getSized(MOST_CHUNKS * Checkpoint.DIGEST_BYTES, "chunks' digests");
        in.requireEnd();
        return new Proof(epoch, wish, checkpoint, signatures, chunks);
    }
}
