package dev.lockstep.journal;

import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

/// A record that is not durable yet. The objects are used again and again.
///
/// Filled by the replica's thread; read by who writes the group it is in; emptied by the replica's
/// thread when the group is durable.
final class PendingRecord {

    /// Larger heads are not kept for the next record.
    private static final int KEPT_HEAD_BYTES = 1 << 10;

    int kind;
    long epoch;
    byte[] head = new byte[64];
    int headLength;
    Bytes body = Bytes.EMPTY;

    /// Where it goes; null until it is in a group.
    @Nullable Segment segment;

    int offset;

    /// Checksum of the content, masked; known once it was written.
    int contentCrc;

    void fill(int newKind, long newEpoch, Bytes newHead, Bytes newBody) {
        kind = newKind;
        epoch = newEpoch;
        headLength = newHead.size();
        if (headLength > head.length) {
            head = new byte[headLength];
        }
        newHead.copyTo(head, 0);
        body = newBody;
    }

    int length() {
        return headLength + body.size();
    }

    int frameBytes() {
        return Frame.sizeOf(length());
    }

    /// Head and body in memory of their own.
    Bytes content() {
        byte[] content = new byte[length()];
        System.arraycopy(head, 0, content, 0, headLength);
        body.copyTo(content, headLength);
        return Bytes.wrap(content);
    }

    void clear() {
        body = Bytes.EMPTY;
        segment = null;
        if (head.length > KEPT_HEAD_BYTES) {
            head = new byte[64];
        }
    }
}
