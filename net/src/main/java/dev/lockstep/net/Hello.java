package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
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
/// | caller: 1 replica, 2 client | u8 |
/// | replica only: id u32, incarnation 16, boot u32, start u64, epoch u64 | 40 |
/// | replica only: host (sized UTF-8), peer port, client port, admin port u16 each | |
/// | replica only: the id of the replica that it wants to reach u32 | 4 |
/// | replica that signs only: digest of the public keys and the library that it goes by | 32 |
///
/// @param lowestVersion the lowest wire version the caller speaks
/// @param highestVersion the highest
/// @param clusterId the cluster the caller wants; null for a client that takes whichever it is
/// @param caller who it is
public record Hello(
        int lowestVersion, int highestVersion, @Nullable ClusterId clusterId, Caller caller) {

    /// `LSTP` in the order of the bytes.
    static final int MAGIC = 0x5054534c;

    /// The only wire version that this build speaks. In version 1 nobody said where it is reached;
    /// in version 2 none of its starts could be told from another one with the same boot.
    public static final int WIRE_VERSION = 3;

    private static final int KEYS_BYTES = 32;

    private static final int REPLICA = 1;
    private static final int CLIENT = 2;

    /// Who dials.
    public sealed interface Caller {

        /// A replica that dials another.
        ///
        /// @param peer who it is
        /// @param wanted whom it means to reach, so that whoever is at an address by now can tell
        ///     that it is not meant
        /// @param keys digest of the public keys that it goes by, 32 bytes; empty if it signs
        ///     nothing
        record Replica(Peer peer, ReplicaId wanted, Bytes keys) implements Caller {

            public Replica {
                if (!keys.isEmpty() && keys.size() != KEYS_BYTES) {
                    throw new IllegalArgumentException("a digest of " + keys.size() + " bytes");
                }
            }
        }

        /// A replica of the cluster, a member or not, on either side of a connection.
        ///
        /// @param boot how many times its process has started in this incarnation
        /// @param start drawn at random by that start: two starts that show the same boot are of
        ///     two directories, or of one that was put back
        /// @param epoch the epoch that it is in
        /// @param address where it is reached
        record Peer(
                ReplicaId id,
                Incarnation incarnation,
                int boot,
                long start,
                Epoch epoch,
                ReplicaAddress address) {

            /// Its number and its life.
            public Member member() {
                return new Member(id, incarnation);
            }

            /// Who it is and where it is reached.
            KnownReplica known() {
                return new KnownReplica(id, incarnation, boot, start, address);
            }
        }

        /// A client.
        record User() implements Caller {}
    }

    /// A replica's greeting in the versions of this build.
    public static Hello ofPeer(ClusterId clusterId, Caller.Peer peer, ReplicaId wanted) {
        return ofPeer(clusterId, peer, wanted, Bytes.EMPTY);
    }

    /// The same of a replica that signs.
    ///
    /// @param keys digest of the public keys that it goes by
    public static Hello ofPeer(
            ClusterId clusterId, Caller.Peer peer, ReplicaId wanted, Bytes keys) {
        return new Hello(
                WIRE_VERSION, WIRE_VERSION, clusterId, new Caller.Replica(peer, wanted, keys));
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
            case Caller.Replica replica -> {
                out.putByte(REPLICA);
                HandshakeFields.putPeer(replica.peer, out);
                out.putInt(replica.wanted.value()).put(replica.keys);
            }
            case Caller.User _ -> out.putByte(CLIENT);
        }
    }

    /// Reads a frame's content. What a later version appends to a client's greeting is skipped;
    /// of who does not speak this version nothing more is read than that.
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
        if (lowest > WIRE_VERSION || highest < WIRE_VERSION) {
            return new Hello(lowest, highest, cluster, new Caller.User());
        }
        int role = in.getByte();
        Caller caller =
                switch (role) {
                    case REPLICA ->
                            new Caller.Replica(
                                    HandshakeFields.getPeer(in),
                                    HandshakeFields.getReplicaId(in),
                                    in.getBytes(in.remaining() > 0 ? KEYS_BYTES : 0));
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
