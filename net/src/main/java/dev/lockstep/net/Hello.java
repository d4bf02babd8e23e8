package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

/// The first frame on a connection: who dialled, and which wire versions it speaks.
///
/// | field | size |
/// |---|---|
/// | magic | u32 |
/// | lowest, highest wire version | u16 each |
/// | cluster id, 0 for "whichever" (clients only) | 16 |
/// | caller: 1 member, 2 client | u8 |
/// | member only: id u32, incarnation 16, boot u32, epoch u64 | 32 |
///
/// @param lowestVersion the lowest wire version the caller speaks
/// @param highestVersion the highest
/// @param clusterId the cluster the caller wants; null for a client that takes whichever it is
/// @param caller who it is
public record Hello(
        int lowestVersion, int highestVersion, @Nullable ClusterId clusterId, Caller caller) {

    /// `LSTP` in the order of the bytes.
    static final int MAGIC = 0x5054534c;

    /// The only wire version so far.
    public static final int WIRE_VERSION = 1;

    private static final int MEMBER = 1;
    private static final int CLIENT = 2;

    /// Who dials.
    public sealed interface Caller {

        /// A member of the cluster.
        ///
        /// @param boot how many times its process has started in this incarnation
        /// @param epoch the epoch it takes part in
        record Peer(ReplicaId id, Incarnation incarnation, int boot, Epoch epoch)
                implements Caller {}

        /// A client.
        record User() implements Caller {}
    }

    /// A member's greeting in the versions of this build.
    public static Hello ofPeer(ClusterId clusterId, Caller.Peer peer) {
        return new Hello(WIRE_VERSION, WIRE_VERSION, clusterId, peer);
    }

    /// A client's greeting in the versions of this build.
    public static Hello ofClient(@Nullable ClusterId clusterId) {
        return new Hello(WIRE_VERSION, WIRE_VERSION, clusterId, new Caller.User());
    }

    /// Appends the frame's content.
    public void encode(BytesWriter out) {
        out.putInt(MAGIC).putShort(lowestVersion).putShort(highestVersion);
        out.putLong(clusterId == null ? 0 : clusterId.high());
        out.putLong(clusterId == null ? 0 : clusterId.low());
        switch (caller) {
            case Caller.Peer peer -> {
                out.putByte(MEMBER);
                HandshakeFields.putPeer(peer, out);
            }
            case Caller.User _ -> out.putByte(CLIENT);
        }
    }

    /// Reads a frame's content. What a later version appends to a client's greeting is skipped.
    ///
    /// @throws MalformedException if it is no greeting
    public static Hello decode(Bytes content) {
        BytesReader in = new BytesReader(content);
        if (in.getInt() != MAGIC) {
            throw new MalformedException("the caller does not speak Lockstep");
        }
        int lowest = in.getShort();
        int highest = in.getShort();
        ClusterId cluster = clusterIdOf(in.getLong(), in.getLong());
        int role = in.getByte();
        Caller caller =
                switch (role) {
                    case MEMBER -> HandshakeFields.getPeer(in);
                    case CLIENT -> new Caller.User();
                    default -> throw new MalformedException("unknown kind of caller: " + role);
                };
        if (lowest == WIRE_VERSION && highest == WIRE_VERSION) {
            in.requireEnd();
        }
        return new Hello(lowest, highest, cluster, caller);
    }

    private static @Nullable ClusterId clusterIdOf(long high, long low) {
        return high == 0 && low == 0 ? null : new ClusterId(high, low);
    }
}
