package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.StopSign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// Proves to anybody who knows the members' keys that a block is committed at its position: the
/// block's header, the headers that lead from it to a block with a QC2, and that (§4.10).
///
/// @param root where the epoch begins
/// @param path the descendants, the block's child first, the certified one last; empty if the block
///     is certified itself
/// @param commit null where it is not proven but vouched for: in a snapshot
/// @param sign the stop sign, if that is what the block orders
record Anchor(
        long epoch,
        BlockRef root,
        Header header,
        List<Header> path,
        @Nullable Certificate commit,
        @Nullable StopSign sign) {

    /// Tells these anchors from other orders'.
    private static final int TAG = 0x42;

    Anchor {
        path = List.copyOf(path);
    }

    /// What all members have alike: what it says, without what proves it.
    Anchor bare() {
        return new Anchor(epoch, root, header, List.of(), null, sign);
    }

    /// True if the headers are linked, and lead to what the certificate names.
    boolean isLinked() {
        BlockRef last = header.ref();
        for (Header child : path) {
            if (!child.parent().equals(last.hash())) {
                return false;
            }
            last = child.ref();
        }
        return commit != null && commit.phase() == Phase.SECOND && commit.block().equals(last);
    }

    Bytes bytes() {
        BytesWriter out = new BytesWriter(512);
        out.putByte(TAG);
        ByzantineCodec.encodeAnchor(this, out);
        return out.toBytes();
    }

    /// Null if the bytes are another order's, or none.
    ///
    /// @throws MalformedException if they claim to be and are not
    static @Nullable Anchor decode(Bytes bytes) {
        if (bytes.isEmpty() || bytes.getByte(0) != TAG) {
            return null;
        }
        BytesReader in = new BytesReader(bytes.slice(1, bytes.size() - 1));
        Anchor anchor = ByzantineCodec.decodeAnchor(in);
        in.requireEnd();
        return anchor;
    }
}
