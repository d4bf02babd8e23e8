package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

/// Walks over the requests of a batch's payload without an object for each.
///
/// A payload comes from a member's admission, so it is well-formed unless a member is faulty. What
/// is malformed ends the walk, at the same request on every replica: the fields are judged here,
/// before anybody acts on them.
final class RequestCursor {

    private Bytes payload = Bytes.EMPTY;

    /// Where the current request starts; its body ends at `next`.
    private int start;

    private int next;

    /// How many requests came before the current one.
    private int index;

    private boolean malformed;

    void reset(Bytes batchPayload) {
        payload = batchPayload;
        start = 0;
        next = 0;
        index = -1;
        malformed = false;
    }

    /// Moves to the next request; false at the end or where the payload is malformed.
    boolean next() {
        start = next;
        int left = payload.size() - start;
        if (left == 0 || malformed) {
            return false;
        }
        if (left < OpenBatch.HEADER_BYTES || !isWellFormed(left)) {
            malformed = true;
            return false;
        }
        next = start + OpenBatch.HEADER_BYTES + length();
        index++;
        return true;
    }

    /// True if the walk ended before the end of the payload.
    boolean isMalformed() {
        return malformed;
    }

    private boolean isWellFormed(int left) {
        int length = length();
        if (length < 0 || length > left - OpenBatch.HEADER_BYTES || acknowledged() < 0) {
            return false;
        }
        return switch (kind()) {
            case RequestKind.COMMAND -> sequence() > 0;
            case RequestKind.SKIP -> sequence() > 0 && length == 0;
            case RequestKind.OPEN -> sequence() > 0 && length == 0;
            case RequestKind.KEEP_ALIVE, RequestKind.CLOSE -> length == 0;
            case RequestKind.QUERY -> true;
            default -> false;
        };
    }

    int index() {
        return index;
    }

    int kind() {
        return payload.getByte(start) & 0xff;
    }

    long session() {
        return payload.getLong(start + 5);
    }

    long sequence() {
        return payload.getLong(start + 13);
    }

    long acknowledged() {
        return payload.getLong(start + 21);
    }

    int length() {
        return payload.getInt(start + 1);
    }

    /// What the request carries, sharing the payload's memory.
    Bytes body() {
        return payload.slice(start + OpenBatch.HEADER_BYTES, length());
    }

    /// Where the body begins in the payload's backing array.
    int bodyOffset() {
        return payload.backingOffset() + start + OpenBatch.HEADER_BYTES;
    }
}
