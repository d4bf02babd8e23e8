package dev.lockstep.net.keys;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;

/// Makes what one client signs with, for one epoch after another.
///
/// Threading: may be shared.
///
/// @param library the one that the cluster has pinned
/// @param ring the cluster's public keys
/// @param store where this client's private keys are
/// @param client its number
public record ClientKeys(SignatureLibrary library, KeyRing ring, KeyStore store, int client) {

    /// Opens the library and reads the public keys, and looks whether the client's private key of
    /// the first epoch is in order.
    ///
    /// @throws KeyRefusedException if it is not, or one of them cannot be had
    public static ClientKeys load(SignatureProvider pinned, KeyStore store, int client) {
        ClientKeys keys =
                new ClientKeys(SignatureLibrary.open(pinned), store.ring(), store, client);
        var _ = keys.entryOf(Epoch.FIRST);
        return keys;
    }

    /// Whose keys they are.
    public ClusterId cluster() {
        return ring.cluster();
    }

    /// Signs for an epoch.
    ///
    /// @throws KeyRefusedException if the client has no key in that epoch, or the private one is
    /// not
    ///     in order
    public SignedRequests signer(Resilience resilience, Epoch epoch) {
        RequestDomain domain = new RequestDomain(resilience.setting(), ring.cluster(), epoch);
        return new SignedRequests(domain, client, store.signingKey(library, entryOf(epoch)));
    }

    private KeyRing.Entry entryOf(Epoch epoch) {
        KeyRing.Entry entry = ring.keyOf(KeyOwner.client(client), epoch);
        if (entry == null) {
            throw new KeyRefusedException(
                    "client %d has no key in epoch %s: make one with 'lockstep keys init --client %d', and bring its line into %s on all machines"
                            .formatted(client, epoch, client, store.publicKeys()));
        }
        return entry;
    }
}
