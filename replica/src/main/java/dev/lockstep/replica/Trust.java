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

    /// Tells whose requests are. Pure, called on any thread.
    public interface Requests {

        /// A proof is no larger.
        int MAX_PROOF_BYTES = 512;

        /// Requests carry no signatures: whoever proposes them is believed.
        Requests UNSIGNED =
                new Requests() {
                    @Override
                    public boolean areSigned() {
                        return false;
                    }

                    @Override
                    public boolean isOf(long epoch, Bytes proof) {
                        return false;
                    }

                    @Override
                    public int clientOf(long epoch, int frameKind, Bytes content, Bytes proof) {
                        return 0;
                    }
                };

        /// True if requests that are not signed are not taken.
        boolean areSigned();

        /// True if the proof says that it is of this epoch. Never throws.
        boolean isOf(long epoch, Bytes proof);

        /// The number of the client that has signed this request for this epoch; 0 if nobody has.
        /// The same at every replica. Never throws.
        ///
        /// @param frameKind the kind of the client's frame
        /// @param content its content, as [dev.lockstep.core.wire.ClientCodec] lays it out
        /// @param proof what came with it
        int clientOf(long epoch, int frameKind, Bytes content, Bytes proof);
    }
}
