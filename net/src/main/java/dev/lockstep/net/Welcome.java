package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.List;

/// The answer to a [Hello].
///
/// | field | size |
/// |---|---|
/// | magic | u32 |
/// | verdict: 1 accepted, 2 refused | u8 |
/// | refused: reason u8, sentence (sized UTF-8) | |
/// | accepted: wire version | u16 |
/// | cluster id | 16 |
/// | replica id u32, incarnation 16, boot u32, start u64, epoch u64 | 40 |
/// | its host (sized UTF-8), peer port, client port, admin port u16 each | |
/// | preferred entry, 0 if unknown | u32 |
/// | how many members | u32 |
/// | each member: id u32, host (sized UTF-8), client port u32 | |
public sealed interface Welcome {

    /// The caller is connected.
    ///
    /// @param version the wire version to speak from now on
    /// @param clusterId the cluster that was reached
    /// @param self who answers
    /// @param preferredEntry the replica at which requests are ordered soonest; 0 if unknown
    /// @param clientAddresses where clients reach the members
    record Accepted(
            int version,
            ClusterId clusterId,
            Hello.Caller.Peer self,
            int preferredEntry,
            List<MemberAddress> clientAddresses)
            implements Welcome {

        public Accepted {
            clientAddresses = List.copyOf(clientAddresses);
        }
    }

    /// The caller is not connected; the connection is closed.
    ///
    /// @param reason what a program may want to know
    /// @param sentence what a person wants to know
    record Refused(Reason reason, String sentence) implements Welcome {}

    /// Why a caller is refused. Codes are on the wire: add, never renumber.
    enum Reason {
        /// It may try again as it is: the replica is starting, stopping or full.
        LATER,
        /// Trying again is no use until somebody changes something.
        WRONG,
        /// The caller must stop: taking part would not be safe.
        UNSAFE
    }

    /// Appends the frame's content.
    default void encode(BytesWriter out) {
        out.putInt(Hello.MAGIC);
        switch (this) {
            case Refused refused -> {
                out.putByte(HandshakeFields.REFUSED).putByte(refused.reason.ordinal());
                HandshakeFields.putText(refused.sentence, out);
            }
            case Accepted accepted -> HandshakeFields.putAccepted(accepted, out);
        }
    }

    /// Reads a frame's content.
    ///
    /// @throws MalformedException if it is no answer to a greeting
    static Welcome decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        if (in.getInt() != Hello.MAGIC) {
            throw new MalformedException("the other side does not speak Lockstep");
        }
        int verdict = in.getByte();
        Welcome welcome =
                switch (verdict) {
                    case HandshakeFields.ACCEPTED -> HandshakeFields.getAccepted(in);
                    case HandshakeFields.REFUSED ->
                            new Refused(
                                    HandshakeFields.reasonOf(in.getByte()),
                                    HandshakeFields.getText(in));
                    default -> throw new MalformedException("unknown verdict: " + verdict);
                };
        in.requireEnd();
        return welcome;
    }
}
