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

/// A stop sign as bytes: next epoch, fault model, order, first leader, members by ascending number.
public final class StopSignCodec {

    private static final int MAX_ORDER_BYTES = 64;
    private static final int MEMBER_BYTES = 4 + 16;

    private StopSignCodec() {}

    /// Appends a stop sign.
    public static void encode(StopSign sign, BytesWriter out) {
        byte[] order = sign.order().getBytes(StandardCharsets.US_ASCII);
        out.putLong(sign.next().value()).putByte(faultCode(sign.faults()));
        out.putByte(order.length).put(order, 0, order.length);
        out.putInt(sign.firstLeader().value());
        List<Member> members = sign.members().members();
        out.putInt(members.size());
        for (Member member : members) {
            out.putInt(member.id().value());
            out.putLong(member.incarnation().high()).putLong(member.incarnation().low());
        }
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws MalformedException if it is none
    public static StopSign decode(BytesReader in) {
        long next = in.getLong();
        if (next < 1) {
            throw new MalformedException("epoch out of range: " + next);
        }
        FaultModel faults = faultModel(in.getByte());
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
        return new StopSign(new Epoch(next), new Membership(members), faults, order, firstLeader);
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
