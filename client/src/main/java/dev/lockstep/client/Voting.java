package dev.lockstep.client;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.keys.ClientKeys;
import dev.lockstep.net.keys.Resilience;
import dev.lockstep.net.keys.SignedRequests;

import org.jspecify.annotations.Nullable;

import java.util.List;

/// What a client needs to know of a cluster whose replicas may do anything at all. Nothing of it
/// may
/// come from a single replica.
///
/// @param resilience how many of them may
/// @param keys what the client signs its requests with
record Voting(Resilience resilience, ClientKeys keys) {

    /// The number of equal answers that are believed: among that many is one of an honest replica.
    int enoughOf(int replicas) {
        return resilience.tolerated(replicas) + 1;
    }

    /// Signs with the client's key of whatever epoch it is.
    ///
    /// @throws dev.lockstep.net.keys.KeyRefusedException where it signs, if there is none
    Signatory signatory() {
        return new Signatory() {
            private long epoch;
            private @Nullable SignedRequests signer;

            @Override
            public List<Bytes> prove(long wanted, List<SignedRequests.Unsigned> requests) {
                SignedRequests known = signer;
                if (known == null || epoch != wanted) {
                    known = keys.signer(resilience, new Epoch(wanted));
                    signer = known;
                    epoch = wanted;
                }
                return known.prove(requests);
            }
        };
    }
}
