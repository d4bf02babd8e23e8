package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

/// What one operator signs with, and the public keys that it knows replicas by.
///
/// Threading: may be shared.
///
/// @param ring the cluster's public keys
/// @param operator its number
/// @param key its own
public record OperatorKeys(KeyRing ring, int operator, SigningKey key) {

    /// Reads the public keys, and the operator's own. Any library signs alike, so the one is taken
    /// that works everywhere.
    ///
    /// @throws KeyRefusedException if the operator has no key, or its private half is not here and
    ///     in order
    public static OperatorKeys load(KeyStore store, int operator) {
        KeyRing ring = store.ring();
        KeyOwner owner = KeyOwner.operator(operator);
        if (ring.entries(owner).isEmpty()) {
            throw new KeyRefusedException(
                    "operator %d has no key: make one with 'lockstep keys init --operator %d', bring its line into %s on all machines, and start all replicas again"
                            .formatted(operator, operator, store.publicKeys()));
        }
        SignatureLibrary library = SignatureLibrary.open(SignatureProvider.BOUNCY_CASTLE);
        SigningKey key = store.signingKey(library, ring.entries(owner).getLast());
        return new OperatorKeys(ring, operator, key);
    }

    /// Whose keys they are.
    public ClusterId cluster() {
        return ring.cluster();
    }

    /// The signature of the operator.
    public Bytes sign(Bytes content) {
        return key.sign(content);
    }

    /// The key that a replica has in an epoch, as far as the public keys here say; null if they do
    /// not.
    public @Nullable Bytes keyOf(ReplicaId replica, Epoch epoch) {
        KeyRing.Entry entry = ring.keyOf(KeyOwner.replica(replica), epoch);
        return entry == null ? null : entry.key();
    }
}
