package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

/// What goes with a request: the signature of its burst, and the way from it to what was signed.
///
/// @param path the siblings from the leaf up, 32 bytes each
record BurstProof(long epoch, int client, int index, int size, Bytes signature, Bytes path) {

    static final int HEADER_BYTES = 8 + 4 + 2 + 2 + StrictEd25519.SIGNATURE_BYTES;

    void encode(BytesWriter out) {
        out.putLong(epoch).putInt(client).putShort(index).putShort(size);
        out.put(signature).put(path);
    }

    /// Shares the memory of `bytes`. There is one encoding of a proof, and nothing else is one.
    ///
    /// @throws MalformedException if it is none
    static BurstProof decode(Bytes bytes) {
        BytesReader in = new BytesReader(bytes);
        long epoch = in.getLong();
        int client = in.getInt();
        int index = in.getShort();
        int size = in.getShort();
        if (epoch < 1 || client < 1) {
            throw new MalformedException("epoch " + epoch + ", client " + client);
        }
        if (size < 1 || size > SignedRequests.MAX_BURST || index >= size) {
            throw new MalformedException("request " + index + " of a burst of " + size);
        }
        Bytes signature = in.getBytes(StrictEd25519.SIGNATURE_BYTES);
        Bytes path = in.getBytes(MerkleTree.pathBytes(index, size));
        in.requireEnd();
        return new BurstProof(epoch, client, index, size, signature, path);
    }
}
