package dev.lockstep.core.wire;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.FaultModel;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.StopSign;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A stop sign as bytes: next epoch, fault model, order, first leader, members by ascending number,
/// and, if the highest bit of the fault model says so, a key of each member.
public final class StopSignCodec {

    private static final int MAX_ORDER_BYTES = 64;
    private static final int MEMBER_BYTES = 4 + 16;

    /// Added to the fault model: keys follow the members.
    private static final int WITH_KEYS = 0x80;

    private StopSignCodec() {}

    /// Appends a stop sign.
    public static void encode(StopSign sign, BytesWriter out) {
        byte[] order = sign.order().getBytes(StandardCharsets.US_ASCII);
        int keys = sign.keys().isEmpty() ? 0 : WITH_KEYS;
        out.putLong(sign.next().value()).putByte(faultCode(sign.faults()) | keys);
        out.putByte(order.length).put(order, 0, order.length);
        out.putInt(sign.firstLeader().value());
        List<Member> members = sign.members().members();
        out.putInt(members.size());
        for (Member member : members) {
            out.putInt(member.id().value());
            out.putLong(member.incarnation().high()).putLong(member.incarnation().low());
        }
        sign.keys().forEach(out::putSized);
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static StopSign decode(BytesReader in) {
        long next = in.getLong();
        if (next < 1) {
            throw new MalformedException("epoch out of range: " + next);
        }
        int faultsAndKeys = in.getByte() & 0xff;
        FaultModel faults = faultModel(faultsAndKeys & ~WITH_KEYS);
        String order = decodeOrder(in);
        ReplicaId firstLeader = decodeReplica(in);
        int count = in.getCount(Membership.MAX_MEMBERS, MEMBER_BYTES, "number of members");
        if (count == 0) {
            throw new MalformedException("a stop sign without members");
        }
        List<Member> members = new ArrayList<>(count);
        int before = 0;
        for (int i = 0; i < count; i++) {
            ReplicaId id = decodeReplica(in);
            if (id.value() <= before) {
                throw new MalformedException("member " + id + " after " + before);
            }
            before = id.value();
            members.add(new Member(id, new Incarnation(in.getLong(), in.getLong())));
        }
        List<Bytes> keys = new ArrayList<>();
        for (int i = 0; i < count && (faultsAndKeys & WITH_KEYS) != 0; i++) {
            keys.add(in.getSized(StopSign.MAX_KEY_BYTES, "key"));
        }
        return new StopSign(
                new Epoch(next), new Membership(members), faults, order, firstLeader, keys);
    }

    private static String decodeOrder(BytesReader in) {
        int size = in.getByte();
        if (size > MAX_ORDER_BYTES) {
            throw new MalformedException("the name of an order has " + size + " bytes");
        }
        byte[] name = in.getBytes(size).toByteArray();
        for (byte letter : name) {
            if (letter < ' ' || letter > '~') {
                throw new MalformedException("the name of an order has a byte " + letter);
            }
        }
        return new String(name, StandardCharsets.US_ASCII);
    }

    private static ReplicaId decodeReplica(BytesReader in) {
        int value = in.getInt();
        if (value < 1 || value > ReplicaId.MAX_VALUE) {
            throw new MalformedException("replica id out of range: " + value);
        }
        return new ReplicaId(value);
    }

    private static int faultCode(FaultModel faults) {
        return switch (faults) {
            case CRASH -> 1;
            case FAIL_STOP -> 2;
            case BYZANTINE -> 3;
        };
    }

    private static FaultModel faultModel(int code) {
        return switch (code) {
            case 1 -> FaultModel.CRASH;
            case 2 -> FaultModel.FAIL_STOP;
            case 3 -> FaultModel.BYZANTINE;
            default -> throw new MalformedException("no fault model has code " + code);
        };
    }
}
