package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Tells which requests are those of the clients that they name, in one epoch. The same at every
/// replica: what it remembers makes it faster, and never changes an answer.
///
/// Bursts whose signatures were good are remembered, 2,048 at most and about 1,500 bytes each, so
/// that a burst costs one check of a signature however many requests it has, and a request that
/// comes after its neighbour two or three hashes however deep the tree is.
///
/// Threading: may be shared, without locks.
public final class RequestVerifier {

    /// A power of two. A burst is on its way to a replica for some milliseconds, so this is enough
    /// for a hundred thousand bursts a second.
    private static final int REMEMBERED = 2048;

    private final RequestDomain domain;
    private final SortedMap<Integer, VerifyingKey> clients = new TreeMap<>();
    private final AtomicReferenceArray<@Nullable SignedPath> remembered =
            new AtomicReferenceArray<>(REMEMBERED);
    private final IdleDigests digests = new IdleDigests();

    /// @throws KeyRefusedException if the keys are another cluster's
    public RequestVerifier(SignatureLibrary library, KeyRing ring, RequestDomain domain) {
        if (!ring.cluster().equals(domain.cluster())) {
            throw new KeyRefusedException(
                    "the public keys are those of cluster %s, and this one is %s: bring the right file"
                            .formatted(ring.cluster(), domain.cluster()));
        }
        this.domain = domain;
        for (KeyRing.Entry entry : ring.entries()) {
            KeyOwner owner = entry.owner();
            if (owner.role() == KeyOwner.Role.CLIENT
                    && entry.equals(ring.keyOf(owner, domain.epoch()))) {
                clients.put(owner.number(), library.verifyingKey(entry.key()));
            }
        }
    }

    /// Whose a request is; empty if it is not that of the client that its proof names. Whatever the
    /// bytes are, it does not throw.
    ///
    /// @param frameKind the kind of the client's frame
    /// @param content its content
    /// @param proof what came with it
    public OptionalInt clientOf(int frameKind, Bytes content, Bytes proof) {
        BurstProof burst;
        try {
            burst = BurstProof.decode(proof);
        } catch (MalformedException _) {
            return OptionalInt.empty();
        }
        return isGenuine(burst, frameKind, content)
                ? OptionalInt.of(burst.client())
                : OptionalInt.empty();
    }

    /// The epoch for which a proof says that it was made; -1 if it is none.
    public static long epochOf(Bytes proof) {
        return proof.size() < Long.BYTES ? -1 : proof.getLong(0);
    }

    /// Checks every burst again that comes from now on. Answers are the same.
    public void forget() {
        for (int slot = 0; slot < REMEMBERED; slot++) {
            if (remembered.getPlain(slot) != null) {
                remembered.set(slot, null);
            }
        }
    }

    private boolean isGenuine(BurstProof burst, int frameKind, Bytes content) {
        VerifyingKey key = clients.get(burst.client());
        if (key == null || burst.epoch() != domain.epoch().value()) {
            return false;
        }
        MessageDigest digest = digests.take();
        byte[] leaf = MerkleTree.leaf(digest, frameKind, content);
        int slot = (int) burst.signature().getLong(0) & REMEMBERED - 1;
        SignedPath known = remembered.get(slot);
        SignedPath found =
                known == null || !known.isOf(burst) ? null : known.joinedBy(digest, leaf, burst);
        if (found == null) {
            found = SignedPath.climb(digest, leaf, burst);
            Bytes signed = domain.signed(burst.client(), burst.size(), found.root());
            if (!key.isGenuine(signed, burst.signature())) {
                found = null;
            }
        }
        digests.giveBack(digest);
        if (found == null) {
            return false;
        }
        remembered.set(slot, found);
        return true;
    }
}
