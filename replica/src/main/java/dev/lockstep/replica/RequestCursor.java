package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.FrameKind;

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
        next = start + recordBytes();
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
        if (isSigned() && !hasTrailer(left - OpenBatch.HEADER_BYTES - length)) {
            return false;
        }
        return switch (kind()) {
            case RequestKind.COMMAND -> sequence() > 0;
            case RequestKind.SKIP -> sequence() > 0 && length == 0;
            case RequestKind.OPEN -> sequence() > 0 && length == 0;
            case RequestKind.KEEP_ALIVE, RequestKind.CLOSE -> length == 0;
            case RequestKind.QUERY -> true;
            case RequestKind.WISH -> isWish(length);
            default -> false;
        };
    }

    /// Its name is what its signature begins with.
    private boolean isWish(int length) {
        return !isSigned()
                && sequence() > 0
                && acknowledged() == 0
                && length >= Wish.NAME_OFFSET + Long.BYTES
                && length <= Wish.MAX_BYTES
                && session() == body().getLong(Wish.NAME_OFFSET);
    }

    private boolean hasTrailer(int left) {
        return left >= OpenBatch.TRAILER_BYTES
                && proofBytes() <= Math.min(left, Trust.Requests.MAX_PROOF_BYTES)
                && proofBytes() <= left - OpenBatch.TRAILER_BYTES
                && client() > 0;
    }

    private int trailer() {
        return start + OpenBatch.HEADER_BYTES + length();
    }

    private int proofBytes() {
        int at = trailer() + 4;
        return (payload.getByte(at) & 0xff) | (payload.getByte(at + 1) & 0xff) << 8;
    }

    /// How many bytes the request takes.
    int recordBytes() {
        return OpenBatch.HEADER_BYTES
                + length()
                + (isSigned() ? OpenBatch.TRAILER_BYTES + proofBytes() : 0);
    }

    /// The whole request, sharing the payload's memory.
    Bytes record() {
        return payload.slice(start, recordBytes());
    }

    /// Where the whole request begins in [#array].
    int recordOffset() {
        return payload.backingOffset() + start;
    }

    /// The payload's backing array, not to be written to.
    byte[] array() {
        return payload.backingArray();
    }

    /// True if the request's proof is with it.
    boolean isSigned() {
        return (payload.getByte(start) & RequestKind.SIGNED) != 0;
    }

    /// Who has signed it, as it says itself; 0 if nobody has.
    int client() {
        return isSigned() ? payload.getInt(trailer()) : 0;
    }

    /// What proves whose it is; empty if nobody has signed it.
    Bytes proof() {
        return isSigned()
                ? payload.slice(trailer() + OpenBatch.TRAILER_BYTES, proofBytes())
                : Bytes.EMPTY;
    }

    /// The kind of the client's frame that asked for it.
    int frameKind() {
        return switch (kind()) {
            case RequestKind.COMMAND -> FrameKind.COMMAND;
            case RequestKind.OPEN -> FrameKind.OPEN;
            case RequestKind.SKIP -> FrameKind.SKIP;
            case RequestKind.KEEP_ALIVE -> FrameKind.KEEP_ALIVE;
            case RequestKind.QUERY -> FrameKind.QUERY;
            default -> FrameKind.CLOSE;
        };
    }

    /// The content of that frame, as [dev.lockstep.core.wire.ClientCodec] lays it out. Of a
    /// command,
    /// which may be large, it shares the payload's memory.
    Bytes frameContent() {
        return switch (kind()) {
            case RequestKind.COMMAND, RequestKind.SKIP -> payload.slice(start + 5, 24 + length());
            case RequestKind.OPEN -> payload.slice(start + 5, 16);
            case RequestKind.KEEP_ALIVE ->
                    new BytesWriter(16).putLong(session()).putLong(acknowledged()).toBytes();
            case RequestKind.QUERY ->
                    new BytesWriter(17 + length())
                            .putLong(session())
                            .putByte((int) sequence())
                            .putLong(acknowledged())
                            .put(body())
                            .toBytes();
            default -> payload.slice(start + 5, 8);
        };
    }

    /// True if what no client has signed is as it is when nobody has touched it, so that a request
    /// has one form.
    boolean isCanonical() {
        return switch (kind()) {
            case RequestKind.OPEN -> acknowledged() == 0;
            case RequestKind.KEEP_ALIVE -> sequence() == 0;
            case RequestKind.CLOSE -> sequence() == 0 && acknowledged() == 0;
            case RequestKind.QUERY -> sequence() >= 0 && sequence() <= 2;
            default -> true;
        };
    }

    int index() {
        return index;
    }

    int kind() {
        return payload.getByte(start) & 0xff & ~RequestKind.SIGNED;
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
