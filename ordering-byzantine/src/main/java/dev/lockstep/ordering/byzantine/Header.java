package dev.lockstep.ordering.byzantine;

import dev.lockstep.core.wire.BytesWriter;

/// What is hashed and signed of a block (§3, kind 2).
///
/// @param view in which it was proposed
/// @param seq its place in the view, from 1
/// @param height its position
/// @param parent what it extends
/// @param justify the rank of the certificate that the first block of a view is built on;
///     [Rank#ROOT] for others
/// @param timeoutCertificate the hash of what the view began with; of 0 for other blocks than the
///     first, and in view 0
/// @param payload the hash of the payload
/// @param timeNanos agreed time
/// @param isClosing true for a block that comes after a stop sign: it has no position of its own
///     and only lets the votes for what is below it go on (§7)
record Header(
        long view,
        int seq,
        long height,
        Hash parent,
        Rank justify,
        Hash timeoutCertificate,
        Hash payload,
        long timeNanos,
        boolean isClosing) {

    static final Hash NO_HASH = new Hash(0, 0, 0, 0);

    Hash hash() {
        BytesWriter out = new BytesWriter(160);
        ByzantineCodec.encodeHeader(this, out);
        return Hash.of(Hash.Domain.HEADER, out);
    }

    BlockRef ref() {
        return new BlockRef(view, seq, height, hash());
    }

    Rank rank() {
        return new Rank(view, seq);
    }
}
