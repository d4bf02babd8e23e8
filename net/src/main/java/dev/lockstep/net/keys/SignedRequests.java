package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/// Signs a client's requests, as many as it has at the moment with one signature.
///
/// Threading: may be shared.
public final class SignedRequests {

    /// A burst has no more requests.
    public static final int MAX_BURST = 1024;

    /// A proof is no larger: that of a request in the largest burst.
    public static final int MAX_PROOF_BYTES = BurstProof.HEADER_BYTES + 10 * Sha256.BYTES;

    private final RequestDomain domain;
    private final int client;
    private final SigningKey key;

    /// @param client the number that the cluster's public keys have for `key`
    public SignedRequests(RequestDomain domain, int client, SigningKey key) {
        this.domain = domain;
        this.client = client;
        this.key = key;
    }

    /// What is to be signed: a frame of the client's.
    ///
    /// @param frameKind see [dev.lockstep.core.wire.FrameKind]
    /// @param content as [dev.lockstep.core.wire.ClientCodec] lays it out
    public record Unsigned(int frameKind, Bytes content) {}

    /// The proofs that go with the requests, in their order.
    ///
    /// @param requests 1 to [#MAX_BURST]
    public List<Bytes> prove(List<Unsigned> requests) {
        int size = requests.size();
        if (size < 1 || size > MAX_BURST) {
            throw new IllegalArgumentException(
                    "a burst has 1 to " + MAX_BURST + " requests, not " + size);
        }
        MessageDigest digest = Sha256.fresh();
        byte[][] leaves = new byte[size][];
        for (int i = 0; i < size; i++) {
            Unsigned request = requests.get(i);
            leaves[i] = MerkleTree.leaf(digest, request.frameKind(), request.content());
        }
        MerkleTree tree = new MerkleTree(leaves);
        Bytes signature = key.sign(domain.signed(client, size, tree.root()));
        List<Bytes> proofs = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            byte[] path = tree.path(i);
            BytesWriter out = new BytesWriter(BurstProof.HEADER_BYTES + path.length);
            new BurstProof(domain.epoch().value(), client, i, size, signature, Bytes.wrap(path))
                    .encode(out);
            proofs.add(out.toBytes());
        }
        return proofs;
    }
}
