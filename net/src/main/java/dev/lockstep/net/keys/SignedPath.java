package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.security.MessageDigest;
import java.util.Arrays;

/// The way from one request of a burst up to the root that its client has signed.
///
/// Whoever knows one of them has most of its neighbour's: the two meet at a node which both have,
/// and from there on are the same. So neighbours are not hashed up to the root again.
///
/// Threading: immutable, may be shared.
final class SignedPath {

    private final int client;
    private final int size;
    private final int index;
    private final Bytes signature;

    /// From the leaf to the root, one for each level.
    private final byte[][] nodes;

    /// The siblings, as the proof has them.
    private final byte[] path;

    private SignedPath(BurstProof burst, Bytes signature, byte[][] nodes, byte[] path) {
        this.client = burst.client();
        this.size = burst.size();
        this.index = burst.index();
        this.signature = signature;
        this.nodes = nodes;
        this.path = path;
    }

    /// Where the leaf's path leads to, whatever is signed.
    static SignedPath climb(MessageDigest digest, byte[] leaf, BurstProof burst) {
        byte[] path = burst.path().toByteArray();
        byte[][] nodes = new byte[levels(burst.size())][];
        byte[] node = leaf;
        int at = burst.index();
        int from = 0;
        int level = 0;
        nodes[level] = node;
        for (int width = burst.size(); width > 1; width = (width + 1) / 2) {
            if ((at ^ 1) < width) {
                node = MerkleTree.parent(digest, node, at, path, from);
                from += Sha256.BYTES;
            }
            at >>= 1;
            nodes[++level] = node;
        }
        // A copy, because the proof shares the memory of whatever came with it.
        Bytes signature = Bytes.wrap(burst.signature().toByteArray());
        return new SignedPath(burst, signature, nodes, path);
    }

    private static int levels(int size) {
        int levels = 1;
        for (int width = size; width > 1; width = (width + 1) / 2) {
            levels++;
        }
        return levels;
    }

    byte[] root() {
        return nodes[nodes.length - 1];
    }

    /// True if a request with this proof claims to be of the same burst. The signature is part of
    /// that: the same root under another one must get the answer that a replica gives which has not
    /// seen this one.
    boolean isOf(BurstProof burst) {
        return client == burst.client()
                && size == burst.size()
                && signature.equals(burst.signature());
    }

    /// The path of another leaf of the burst; null if it does not lead to the same root.
    @Nullable SignedPath joinedBy(MessageDigest digest, byte[] leaf, BurstProof burst) {
        byte[] siblings = burst.path().toByteArray();
        byte[][] passed = new byte[nodes.length][];
        byte[] node = leaf;
        int at = burst.index();
        int from = 0;
        int atHere = index;
        int fromHere = 0;
        int level = 0;
        int width = size;
        while (at != atHere) {
            passed[level] = node;
            if ((at ^ 1) == atHere) {
                // Each is the other's sibling: they meet at the next node.
                boolean meets =
                        isAt(path, fromHere, node)
                                && isAt(siblings, from, nodes[level])
                                && isSame(siblings, from + Sha256.BYTES, fromHere + Sha256.BYTES);
                return meets ? continued(burst, passed, level + 1, siblings) : null;
            }
            if ((at ^ 1) < width) {
                node = MerkleTree.parent(digest, node, at, siblings, from);
                from += Sha256.BYTES;
            }
            fromHere += (atHere ^ 1) < width ? Sha256.BYTES : 0;
            at >>= 1;
            atHere >>= 1;
            width = (width + 1) / 2;
            level++;
        }
        boolean meets = Arrays.equals(node, nodes[level]) && isSame(siblings, from, fromHere);
        return meets ? continued(burst, passed, level, siblings) : null;
    }

    /// The rest of both paths, of which each begins at a place of its own.
    private boolean isSame(byte[] siblings, int from, int fromHere) {
        return Arrays.equals(siblings, from, siblings.length, path, fromHere, path.length);
    }

    private static boolean isAt(byte[] bytes, int from, byte[] node) {
        return Arrays.equals(bytes, from, from + Sha256.BYTES, node, 0, Sha256.BYTES);
    }

    private SignedPath continued(
            BurstProof burst, byte[][] passed, int fromLevel, byte[] siblings) {
        System.arraycopy(nodes, fromLevel, passed, fromLevel, nodes.length - fromLevel);
        return new SignedPath(burst, signature, passed, siblings);
    }
}
