package dev.lockstep.replica;

import dev.lockstep.core.Credentials;
import dev.lockstep.core.StopSign;
import dev.lockstep.core.port.SignatureChecks;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

/// What a replica signs with and tells others' signatures by. The defaults are for orders that sign
/// nothing.
///
/// @param members what the protocol signs with, and tells members by
/// @param checks where signatures are checked
/// @param requests tells whether clients have signed what is to be ordered
/// @param operators tells whether operators have signed what they want of the next epoch
public record Trust(
        Members members, SignatureChecks checks, Requests requests, Operators operators) {

    /// For orders that sign nothing.
    public static final Trust NONE =
            new Trust(Members.NONE, SignatureChecks.AT_ONCE, Requests.UNSIGNED, Operators.NONE);

    /// Makes what this replica signs with and tells others by in an epoch. A stop sign says by
    /// which keys; of the first epoch, which none has begun, the configuration does. Called on the
    /// replica's thread; what it makes may be used on any.
    public interface Members {

        /// Nobody signs.
        Members NONE = _ -> Credentials.NONE;

        /// @param begun the stop sign that began the epoch. Of replicas that it does not name no
        ///     signature is genuine
        Credentials of(StopSign begun);

        /// Why this replica, which is a member, cannot sign as such, in one sentence; null if it
        /// can.
        default @Nullable String whyNot(StopSign begun) {
            return null;
        }
    }

    /// Tells operators' signatures. Pure, the same at every replica, and called on any thread.
    public interface Operators {

        /// There are none.
        Operators NONE =
                new Operators() {
                    @Override
                    public boolean isGenuine(int operator, Bytes content, Bytes signature) {
                        return false;
                    }

                    @Override
                    public boolean isKey(Bytes key) {
                        return false;
                    }
                };

        /// True if the operator with this number has signed `content`. Never throws.
        boolean isGenuine(int operator, Bytes content, Bytes signature);

        /// True if a member may have this key. Never throws.
        boolean isKey(Bytes key);
    }

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
