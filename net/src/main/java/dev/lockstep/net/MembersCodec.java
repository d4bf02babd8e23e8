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
/// | how many members | u32 |
/// | each member: id u32, host (sized UTF-8), client port u32 | |
public final class MembersCodec {

    private MembersCodec() {}

    /// The frame's content.
    ///
    /// @param members at most [Membership#MAX_MEMBERS]
    public static Bytes encode(List<MemberAddress> members) {
        BytesWriter out = new BytesWriter(256);
        HandshakeFields.putMemberAddresses(members, out);
        return out.toBytes();
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static List<MemberAddress> decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        List<MemberAddress> members = HandshakeFields.getMemberAddresses(in);
        in.requireEnd();
        return members;
    }
}
