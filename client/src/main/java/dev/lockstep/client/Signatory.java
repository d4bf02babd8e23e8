package dev.lockstep.client;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.net.keys.SignedRequests;

import java.util.List;

/// Signs a client's requests, as many as it has at the moment at once.
///
/// Threading: as [ClientInputs].
@FunctionalInterface
public interface Signatory {

    /// The proofs that go with the requests, in their order.
    ///
    /// @param epoch in which they are asked; they count in no other
    /// @param requests 1 to [SignedRequests#MAX_BURST]
    List<Bytes> prove(long epoch, List<SignedRequests.Unsigned> requests);
}
