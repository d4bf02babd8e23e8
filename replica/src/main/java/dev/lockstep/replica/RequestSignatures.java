package dev.lockstep.replica;

import dev.lockstep.core.wire.Bytes;

import java.util.List;

/// Whether clients have signed requests, where they are to. What replicas ask themselves, which
/// changes nothing but agreed time, nobody signs; what operators wish, they sign everywhere.
///
/// Threading: any thread.
///
/// @param wishes tells which wishes may be ordered
record RequestSignatures(Trust.Requests requests, Wishes wishes) {

    /// Tells which wishes may be ordered in an epoch. Pure.
    @FunctionalInterface
    interface Wishes {
        /// For clusters whose operators sign nothing.
        Wishes NONE = (_, _) -> false;

        /// @param body the wish as bytes
        boolean isGood(long epoch, Bytes body);
    }

    /// Where there are no wishes.
    RequestSignatures(Trust.Requests requests) {
        this(requests, Wishes.NONE);
    }

    /// True if requests that are not signed are not taken.
    boolean areWanted() {
        return requests.areSigned();
    }

    /// True if a request is as its client and an honest replica lay it out. What clients sign has
    /// one form, so that nobody alters what their signatures do not cover, and a session's timeout
    /// is not up to a client and a replica that lie together. Who takes in what is otherwise has it
    /// refused by all others when it leads.
    boolean isOneForm(RequestCursor cursor, ReplicaLimits limits) {
        if (!areWanted()) {
            return true;
        }
        boolean isInBounds =
                cursor.kind() != RequestKind.OPEN
                        || (cursor.sequence() >= limits.minSessionTimeoutNanos()
                                && cursor.sequence() <= limits.maxSessionTimeoutNanos());
        return cursor.isCanonical() && isInBounds;
    }

    /// True if each of these is signed by the client that it names, or by nobody where nobody is to
    /// sign.
    boolean areGenuine(long epoch, List<SignedRequest> all) {
        for (SignedRequest each : all) {
            if (!isGenuine(epoch, each)) {
                return false;
            }
        }
        return true;
    }

    private boolean isGenuine(long epoch, SignedRequest request) {
        if (request.isWish()) {
            return wishes.isGood(epoch, request.content());
        }
        if (!requests.areSigned()) {
            return request.client() == 0;
        }
        if (request.client() == 0) {
            return request.isNobodys();
        }
        return clientOf(epoch, request.frameKind(), request.content(), request.proof())
                == request.client();
    }

    /// Who has signed a request for this epoch; 0 if nobody has.
    int clientOf(long epoch, int frameKind, Bytes content, Bytes proof) {
        return proof.size() > Trust.Requests.MAX_PROOF_BYTES
                ? 0
                : requests.clientOf(epoch, frameKind, content, proof);
    }
}
