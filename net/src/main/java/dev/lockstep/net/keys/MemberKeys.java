package dev.lockstep.net.keys;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.SortedMap;
import java.util.TreeMap;

/// Makes what one replica signs with, and tells the other members by, for one epoch after another.
///
/// Threading: may be shared, and so may the credentials it makes.
///
/// @param library the one that the cluster has pinned
/// @param ring the cluster's public keys
/// @param store where this replica's private keys are
public record MemberKeys(SignatureLibrary library, KeyRing ring, KeyStore store) {

    /// Opens the library and reads the public keys.
    ///
    /// @throws KeyRefusedException if one of them cannot be had
    public static MemberKeys load(SignatureProvider pinned, KeyStore store) {
        return new MemberKeys(SignatureLibrary.open(pinned), store.ring(), store);
    }

    /// What `self` signs with in `epoch`. Signatures of members that have no key then are not
    /// genuine.
    ///
    /// @throws KeyRefusedException if `self` or another member has no key in that epoch, or the
    ///     private key of `self` is not in order
    public Credentials credentials(ReplicaId self, Epoch epoch, Membership members) {
        KeyRing.Entry own = entryOf(self, epoch);
        return new Credentials(
                ring.cluster(), store.signingKey(library, own), verifier(epoch, members));
    }

    /// Tells the members of an epoch; for who is none of them.
    ///
    /// @throws KeyRefusedException if a member has no key in that epoch
    public Credentials.Verifier verifier(Epoch epoch, Membership members) {
        SortedMap<ReplicaId, VerifyingKey> keys = new TreeMap<>();
        for (Member member : members.members()) {
            KeyRing.Entry entry = entryOf(member.id(), epoch);
            keys.put(member.id(), library.verifyingKey(entry.key()));
        }
        return verifier(keys);
    }

    private static Credentials.Verifier verifier(SortedMap<ReplicaId, VerifyingKey> keys) {
        return (signer, content, signature) -> {
            @Nullable VerifyingKey key = keys.get(signer);
            return key != null && key.isGenuine(content, signature);
        };
    }

    /// Tells the members of an epoch whose keys a stop sign names; it has judged them before. One
    /// that this library does not take has signed nothing.
    public Credentials.Verifier verifier(StopSign begun) {
        SortedMap<ReplicaId, VerifyingKey> keys = new TreeMap<>();
        for (int rank = 0; rank < begun.keys().size(); rank++) {
            Bytes key = begun.keys().get(rank);
            if (KeyRing.isKey(key)) {
                keys.put(begun.members().idAt(rank), library.verifyingKey(key));
            }
        }
        return verifier(keys);
    }

    /// What a replica signs with that a stop sign names.
    ///
    /// @throws KeyRefusedException if the public keys here do not have the key that it has there,
    ///     or the private one is not in order
    public Credentials.Signer signer(ReplicaId self, StopSign begun) {
        Bytes key = begun.keys().get(begun.members().indexOf(self));
        KeyRing.Entry own = ring.entryOf(KeyOwner.replica(self), key);
        if (own == null) {
            throw new KeyRefusedException(
                    "epoch %s knows replica %s by a key that %s does not have: bring the line of that key, and its private half, to this machine"
                            .formatted(begun.next(), self, store.publicKeys()));
        }
        return store.signingKey(library, own);
    }

    /// Tells whatever replica has a key in an epoch.
    public Credentials.Verifier verifier(Epoch epoch) {
        return (signer, content, signature) -> {
            KeyRing.Entry entry = ring.keyOf(KeyOwner.replica(signer), epoch);
            return entry != null && library.verifyingKey(entry.key()).isGenuine(content, signature);
        };
    }

    private KeyRing.Entry entryOf(ReplicaId member, Epoch epoch) {
        KeyRing.Entry entry = ring.keyOf(KeyOwner.replica(member), epoch);
        if (entry == null) {
            throw new KeyRefusedException(
                    "replica %s has no key in epoch %s: make one with 'lockstep keys init --id %s' on its machine, and bring its line into %s on all machines"
                            .formatted(member, epoch, member, store.publicKeys()));
        }
        return entry;
    }
}
