package dev.lockstep.net.keys;

import dev.lockstep.core.wire.Bytes;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/// A Merkle tree over the requests of a burst, as the package page lays it out. Whoever has no
/// sibling at a level moves up as it is, so size and index alone say how long a path is.
final class MerkleTree {

    private static final byte LEAF = 0;
    private static final byte INNER = 1;

    /// From the leaves up; the last level is the root alone.
    private final List<byte[][]> levels = new ArrayList<>();

    /// @param leaves at least one
    MerkleTree(byte[][] leaves) {
        MessageDigest digest = Sha256.fresh();
        byte[][] level = leaves;
        levels.add(level);
        while (level.length > 1) {
            byte[][] above = new byte[(level.length + 1) / 2][];
            for (int i = 0; i < above.length; i++) {
                int left = 2 * i;
                above[i] =
                        left + 1 == level.length
                                ? level[left]
                                : inner(digest, level[left], 0, level[left + 1], 0);
            }
            level = above;
            levels.add(level);
        }
    }

    /// What a request contributes.
    static byte[] leaf(MessageDigest digest, int frameKind, Bytes content) {
        digest.update(LEAF);
        digest.update((byte) frameKind);
        digest.update(content.backingArray(), content.backingOffset(), content.size());
        return digest.digest();
    }

    byte[] root() {
        return levels.getLast()[0];
    }

    /// The siblings of the leaf at `index`, from below.
    byte[] path(int index) {
        byte[] path = new byte[pathBytes(index, levels.getFirst().length)];
        int at = index;
        int filled = 0;
        for (byte[][] level : levels) {
            int sibling = at ^ 1;
            if (sibling < level.length) {
                System.arraycopy(level[sibling], 0, path, filled, Sha256.BYTES);
                filled += Sha256.BYTES;
            }
            at >>= 1;
        }
        return path;
    }

    /// How many bytes the path of a leaf has.
    static int pathBytes(int index, int size) {
        int at = index;
        int bytes = 0;
        for (int width = size; width > 1; width = (width + 1) / 2) {
            bytes += (at ^ 1) < width ? Sha256.BYTES : 0;
            at >>= 1;
        }
        return bytes;
    }

    /// What a node and its sibling come to.
    ///
    /// @param at the node's place in its level
    /// @param siblings has the sibling at `from`
    static byte[] parent(MessageDigest digest, byte[] node, int at, byte[] siblings, int from) {
        return (at & 1) == 0
                ? inner(digest, node, 0, siblings, from)
                : inner(digest, siblings, from, node, 0);
    }

    private static byte[] inner(
            MessageDigest digest, byte[] left, int leftFrom, byte[] right, int rightFrom) {
        digest.update(INNER);
        digest.update(left, leftFrom, Sha256.BYTES);
        digest.update(right, rightFrom, Sha256.BYTES);
        return digest.digest();
    }
}
