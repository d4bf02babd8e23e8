package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The fields of [Hello] and [Welcome] on the wire. Believes nothing.
final class HandshakeFields {

    static final int ACCEPTED = 1;
    static final int REFUSED = 2;

    private static final int MAX_TEXT_BYTES = 4096;
    private static final int LEAST_MEMBER_BYTES = 12;
    private static final Welcome.Reason[] REASONS = Welcome.Reason.values();

    private HandshakeFields() {}

    static void putPeer(Hello.Caller.Peer peer, BytesWriter out) {
        putMember(peer.id(), peer.incarnation(), out);
        out.putInt(peer.boot()).putLong(peer.start()).putLong(peer.epoch().value());
        putAddress(peer.address(), out);
    }

    static void putMember(ReplicaId id, Incarnation incarnation, BytesWriter out) {
        out.putInt(id.value());
        out.putLong(incarnation.high()).putLong(incarnation.low());
    }

    static void putAddress(ReplicaAddress address, BytesWriter out) {
        putText(address.host(), out);
        out.putShort(address.peerPort());
        out.putShort(address.clientPort()).putShort(address.adminPort());
    }

    static Hello.Caller.Peer getPeer(BytesReader in) {
        ReplicaId id = getReplicaId(in);
        Incarnation incarnation = getIncarnation(in);
        int boot = getBoot(in);
        long start = in.getLong();
        long epoch = in.getLong();
        if (epoch < 1) {
            throw new MalformedException("epoch out of range: " + epoch);
        }
        return new Hello.Caller.Peer(
                id, incarnation, boot, start, new Epoch(epoch), getAddress(in));
    }

    static Incarnation getIncarnation(BytesReader in) {
        return new Incarnation(in.getLong(), in.getLong());
    }

    static int getBoot(BytesReader in) {
        int boot = in.getInt();
        if (boot < 0) {
            throw new MalformedException("boot out of range: " + boot);
        }
        return boot;
    }

    static ReplicaAddress getAddress(BytesReader in) {
        String host = getHost(in);
        int peerPort = in.getShort();
        int clientPort = in.getShort();
        int adminPort = in.getShort();
        if (peerPort == 0) {
            throw new MalformedException("a replica at " + host + " without a port");
        }
        return new ReplicaAddress(host, peerPort, clientPort, adminPort);
    }

    private static String getHost(BytesReader in) {
        String host = getText(in);
        if (!ReplicaAddress.isHost(host)) {
            throw new MalformedException("no host has the name \"" + host + "\"");
        }
        return host;
    }

    static void putAccepted(Welcome.Accepted accepted, BytesWriter out) {
        out.putByte(ACCEPTED).putShort(accepted.version());
        out.putLong(accepted.clusterId().high()).putLong(accepted.clusterId().low());
        putPeer(accepted.self(), out);
        out.putInt(accepted.preferredEntry());
        putMemberAddresses(accepted.clientAddresses(), out);
    }

    static void putMemberAddresses(List<MemberAddress> addresses, BytesWriter out) {
        out.putInt(addresses.size());
        for (MemberAddress address : addresses) {
            out.putInt(address.id().value());
            putText(address.host(), out);
            out.putInt(address.port());
        }
    }

    static Welcome.Accepted getAccepted(BytesReader in) {
        int version = in.getShort();
        ClusterId cluster = new ClusterId(in.getLong(), in.getLong());
        Hello.Caller.Peer self = getPeer(in);
        int preferred = in.getInt();
        if (preferred < 0 || preferred > ReplicaId.MAX_VALUE) {
            throw new MalformedException("preferred entry out of range: " + preferred);
        }
        return new Welcome.Accepted(version, cluster, self, preferred, getMemberAddresses(in));
    }

    static List<MemberAddress> getMemberAddresses(BytesReader in) {
        int count = in.getCount(Membership.MAX_MEMBERS, LEAST_MEMBER_BYTES, "members");
        List<MemberAddress> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            addresses.add(getMemberAddress(in));
        }
        return addresses;
    }

    static Welcome.Reason reasonOf(int code) {
        if (code >= REASONS.length) {
            throw new MalformedException("unknown reason: " + code);
        }
        return REASONS[code];
    }

    static void putText(String text, BytesWriter out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int size = Math.min(bytes.length, MAX_TEXT_BYTES);
        out.putInt(size).put(bytes, 0, size);
    }

    static String getText(BytesReader in) {
        return new String(
                in.getSized(MAX_TEXT_BYTES, "text").toByteArray(), StandardCharsets.UTF_8);
    }

    static ReplicaId getReplicaId(BytesReader in) {
        int value = in.getInt();
        if (value < 1 || value > ReplicaId.MAX_VALUE) {
            throw new MalformedException("replica id out of range: " + value);
        }
        return new ReplicaId(value);
    }

    private static MemberAddress getMemberAddress(BytesReader in) {
        ReplicaId id = getReplicaId(in);
        String host = getHost(in);
        int port = in.getInt();
        if (port < 1 || port > 0xffff) {
            throw new MalformedException("address out of range: " + host + ":" + port);
        }
        return new MemberAddress(id, host, port);
    }
}
