package dev.lockstep.core;

import dev.lockstep.core.wire.Bytes;

/// What a protocol signs with, and tells others' signatures by.
///
/// @param cluster is part of everything that is signed, so that nothing counts in another cluster
/// @param signer of the replica that hosts the protocol
/// @param verifier knows the keys of all members of the epoch
public record Credentials(ClusterId cluster, Signer signer, Verifier verifier) {

    /// For protocols that sign nothing: it signs nothing, and no signature is genuine.
    public static final Credentials NONE =
            new Credentials(
                    new ClusterId(0, 0),
                    _ -> {
                        throw Invariant.broken("a protocol signs with a key");
                    },
                    (_, _, _) -> false);

    /// Signs for one replica. Pure: equal contents get equal signatures.
    @FunctionalInterface
    public interface Signer {
        /// The signature, of a size that is the same for all contents.
        Bytes sign(Bytes content);
    }

    /// Tells whose signatures are genuine. Pure, and the same at every replica.
    @FunctionalInterface
    public interface Verifier {
        /// True if `signature` is that of `signer` under `content`. Never throws.
        boolean isGenuine(ReplicaId signer, Bytes content, Bytes signature);
    }
}
