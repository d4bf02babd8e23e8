package dev.lockstep.net;

import dev.lockstep.core.Membership;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.List;

/// The content of a MEMBERS frame: where clients reach the members now.
///
/// | field | size |
/// |---|---|
/// | epoch | u64 |
/// | how many members | u32 |
/// | each member: id u32, host (sized UTF-8), client port u32 | |
public final class MembersCodec {

    private MembersCodec() {}

    /// What the frame says.
    ///
    /// @param epoch whose members they are
    /// @param addresses those that are known, at most [Membership#MAX_MEMBERS]
    public record Members(long epoch, List<MemberAddress> addresses) {

        public Members {
            addresses = List.copyOf(addresses);
        }
    }

    /// The frame's content.
    public static Bytes encode(Members members) {
        BytesWriter out = new BytesWriter(256);
        out.putLong(members.epoch);
        HandshakeFields.putMemberAddresses(members.addresses, out);
        return out.toBytes();
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static Members decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        Members members =
                new Members(in.getNonNegativeLong("epoch"), HandshakeFields.getMemberAddresses(in));
        in.requireEnd();
        return members;
    }
}
