package dev.lockstep.net;

import dev.lockstep.core.Batch;

/// The layout and the bounds of frames.
public final class Frames {

    /// The size of the length field.
    public static final int LENGTH_BYTES = Integer.BYTES;

    /// What stands before the content: length, kind, group.
    public static final int HEADER_BYTES = LENGTH_BYTES + 1 + Integer.BYTES;

    /// The largest content of a frame between members: one batch of the largest size and what a
    /// protocol says about it.
    public static final int MAX_PEER_CONTENT_BYTES = Batch.MAX_PAYLOAD_BYTES + (8 << 20);

    /// The largest content of a frame before a connection is accepted.
    public static final int MAX_HANDSHAKE_BYTES = 16 << 10;

    private Frames() {}
}
