package dev.lockstep.replica;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.wire.Bytes;

/// What a replica signs with and tells others' signatures by. The defaults are for orders that sign
/// nothing.
///
/// @param credentials what the protocol signs with
/// @param checks where signatures are checked
/// @param requests tells whether clients have signed what is to be ordered
public record Trust(Credentials credentials, SignatureChecks checks, Requests requests) {

    /// For orders that sign nothing.
    public static final Trust NONE =
            new Trust(Credentials.NONE, SignatureChecks.AT_ONCE, Requests.UNSIGNED);

    /// Tells whether the clients themselves asked for the requests in a batch. Pure, called on any
    /// thread.
    @FunctionalInterface
    public interface Requests {

        /// Requests carry no signatures: whoever proposes them is believed.
        Requests UNSIGNED = _ -> true;

        /// True if every request of this payload is signed by its client. Never throws.
        boolean areGenuine(Bytes payload);
    }
}
