package dev.lockstep.net;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.List;

/// The content of a MEMBERS frame: who the members are by now, told to clients that are connected.
///
/// | field | size |
/// |---|---|
/// | epoch | u64 |
/// | how many members | u32 |
/// | each member: id u32, host (sized UTF-8), client port u32 | |
///
/// @param epoch in which they are members
/// @param addresses where clients reach those members of which that is known
public record ClientMembers(Epoch epoch, List<MemberAddress> addresses) {

    public ClientMembers {
        addresses = List.copyOf(addresses);
    }

    /// The frame's content.
    public Bytes encode() {
        BytesWriter out = new BytesWriter(32 * (addresses.size() + 1));
        out.putLong(epoch.value());
        HandshakeFields.putMemberAddresses(addresses, out);
        return out.toBytes();
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static ClientMembers decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        long epoch = in.getLong();
        if (epoch < 1) {
            throw new MalformedException("epoch out of range: " + epoch);
        }
        List<MemberAddress> addresses = HandshakeFields.getMemberAddresses(in);
        in.requireEnd();
        return new ClientMembers(new Epoch(epoch), addresses);
    }
}
