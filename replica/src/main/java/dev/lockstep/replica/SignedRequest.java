package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

/// A request of a batch whose signature is to be checked, perhaps on another thread.
///
/// @param client who has signed it, as it says itself; 0 if nobody has
/// @param isNobodys true if it is what replicas order themselves, for time to move
/// @param isWish true if an operator has signed it, and it carries the signature in itself
/// @param frameKind of the client's frame
/// @param content of that frame, or of the wish
record SignedRequest(
        int client, boolean isNobodys, boolean isWish, int frameKind, Bytes content, Bytes proof) {

    /// The one that the cursor is at.
    static SignedRequest at(RequestCursor cursor) {
        boolean isNobodys =
                !cursor.isSigned()
                        && cursor.kind() == RequestKind.KEEP_ALIVE
                        && cursor.session() == 0
                        && cursor.sequence() == 0
                        && cursor.acknowledged() == 0;
        boolean isWish = cursor.kind() == RequestKind.WISH;
        Bytes content = isWish ? cursor.body() : Bytes.EMPTY;
        return new SignedRequest(
                cursor.client(),
                isNobodys,
                isWish,
                cursor.frameKind(),
                cursor.isSigned() ? cursor.frameContent() : content,
                cursor.proof());
    }
}
