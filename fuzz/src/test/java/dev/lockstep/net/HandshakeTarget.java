package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The greeting (after a byte 0), the members that clients are told of (after a byte 2), the
/// addresses that replicas tell each other (after a byte 3), and the answer to a greeting (after
/// any other).
public final class HandshakeTarget implements Target {

    /// The target; it has no state.
    public HandshakeTarget() {}

    @Override
    public String name() {
        return "handshake";
    }

    @Override
    public boolean takes(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        Bytes content = Bytes.wrap(Arrays.copyOfRange(input, 1, input.length));
        BytesWriter out = new BytesWriter(content.size());
        Object decoded;
        Object again;
        try {
            if (input[0] == 0) {
                Hello hello = Hello.decode(content);
                hello.encode(out);
                decoded = hello;
                again = Hello.decode(out.toBytes());
            } else if (input[0] == 2) {
                ClientMembers members = ClientMembers.decode(content);
                Bytes encoded = members.encode();
                out.put(encoded);
                decoded = members;
                again = isUnicode(members) ? ClientMembers.decode(encoded) : members;
            } else if (input[0] == 3) {
                List<AddressesCodec.Told> all = AddressesCodec.decode(content);
                Bytes encoded = AddressesCodec.encode(all);
                out.put(encoded);
                decoded = all;
                again = isUnicode(all) ? AddressesCodec.decode(encoded) : all;
            } else {
                Welcome welcome = Welcome.decode(content);
                welcome.encode(out);
                decoded = welcome;
                again = isUnicode(welcome) ? Welcome.decode(out.toBytes()) : welcome;
            }
        } catch (MalformedException refused) {
            if (out.size() > 0) {
                throw new AssertionError("what was read cannot be read again", refused);
            }
            return false;
        }
        if (!decoded.equals(again)) {
            throw new AssertionError(decoded + " encoded and read again is " + again);
        }
        return true;
    }

    /// Texts in broken UTF-8 are shown with replacement characters, which take more room.
    private static boolean isUnicode(Object decoded) {
        return !decoded.toString().contains("\ufffd");
    }

    @Override
    public Map<String, byte[]> seeds() {
        ClusterId cluster = new ClusterId(1, 2);
        Hello.Caller.Peer peer =
                new Hello.Caller.Peer(
                        new ReplicaId(2),
                        new Incarnation(3, 4),
                        5,
                        7,
                        new Epoch(6),
                        new ReplicaAddress("host", 7102, 7202, 7302));
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("peer", hello(Hello.ofPeer(cluster, peer, new ReplicaId(1))));
        seeds.put("client", hello(Hello.ofClient(null)));
        seeds.put("later-client", hello(new Hello(3, 4, cluster, new Hello.Caller.User())));
        seeds.put("refused", welcome(new Welcome.Refused(Welcome.Reason.WRONG, "no such cluster")));
        seeds.put(
                "accepted",
                welcome(new Welcome.Accepted(Hello.WIRE_VERSION, cluster, peer, 0, List.of())));
        seeds.put(
                "addresses",
                welcome(
                        new Welcome.Accepted(
                                Hello.WIRE_VERSION,
                                cluster,
                                peer,
                                1,
                                List.of(
                                        new MemberAddress(new ReplicaId(1), "10.0.0.1", 7101),
                                        new MemberAddress(new ReplicaId(2), "host", 7102)))));
        MemberAddress member = new MemberAddress(new ReplicaId(4), "10.0.0.4", 7004);
        seeds.put("members", members(new ClientMembers(new Epoch(7), List.of(member))));
        seeds.put("no-members", members(new ClientMembers(Epoch.FIRST, List.of())));
        BytesWriter addresses = new BytesWriter(64).putByte(3);
        addresses.put(AddressesCodec.encode(List.of(new AddressesCodec.Told(peer.known(), true))));
        seeds.put("replicas", addresses.toBytes().toByteArray());
        return seeds;
    }

    private static byte[] members(ClientMembers members) {
        BytesWriter out = new BytesWriter(64).putByte(2);
        out.put(members.encode());
        return out.toBytes().toByteArray();
    }

    private static byte[] hello(Hello hello) {
        BytesWriter out = new BytesWriter(64).putByte(0);
        hello.encode(out);
        return out.toBytes().toByteArray();
    }

    private static byte[] welcome(Welcome welcome) {
        BytesWriter out = new BytesWriter(64).putByte(1);
        welcome.encode(out);
        return out.toBytes().toByteArray();
    }
}
