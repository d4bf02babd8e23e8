package dev.lockstep.net;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.ArrayList;
import java.util.List;

/// The content of an ADDRESSES frame: what a replica knows of where others are reached.
///
/// | field | size |
/// |---|---|
/// | how many, up to 256 | u32 |
/// | each: id u32, incarnation 16, boot u32, start u64 | 32 |
/// | host (sized UTF-8), peer port, client port, admin port u16 each | |
/// | 1 if the sender is connected to it, else 0 | u8 |
final class AddressesCodec {

    private static final int LEAST_BYTES_EACH = 32 + 4 + 6 + 1;

    private AddressesCodec() {}

    /// What a replica says of another.
    ///
    /// @param isConnected whether it is connected to it
    record Told(KnownReplica replica, boolean isConnected) {}

    static Bytes encode(List<Told> all) {
        BytesWriter out = new BytesWriter(64 * (all.size() + 1));
        out.putInt(all.size());
        for (Told told : all) {
            KnownReplica replica = told.replica;
            HandshakeFields.putMember(replica.id(), replica.incarnation(), out);
            out.putInt(replica.boot()).putLong(replica.start());
            HandshakeFields.putAddress(replica.address(), out);
            out.putByte(told.isConnected ? 1 : 0);
        }
        return out.toBytes();
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    static List<Told> decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        int count = in.getCount(AddressBook.MAX_REPLICAS, LEAST_BYTES_EACH, "addresses");
        List<Told> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            var id = HandshakeFields.getReplicaId(in);
            var incarnation = HandshakeFields.getIncarnation(in);
            int boot = HandshakeFields.getBoot(in);
            long start = in.getLong();
            ReplicaAddress address = HandshakeFields.getAddress(in);
            KnownReplica known = new KnownReplica(id, incarnation, boot, start, address);
            all.add(new Told(known, getFlag(in)));
        }
        in.requireEnd();
        return all;
    }

    private static boolean getFlag(BytesReader in) {
        int flag = in.getByte();
        if (flag > 1) {
            throw new MalformedException("a flag is 0 or 1, not " + flag);
        }
        return flag == 1;
    }
}
