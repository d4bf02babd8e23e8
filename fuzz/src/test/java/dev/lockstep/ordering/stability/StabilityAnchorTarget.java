package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a host keeps for stability ordering with each position.
public final class StabilityAnchorTarget implements Target {

    /// The target; it has no state.
    public StabilityAnchorTarget() {}

    @Override
    public String name() {
        return "stability-anchors";
    }

    @Override
    public boolean takes(byte[] input) {
        Anchor anchor;
        Done done;
        try {
            anchor = Anchor.decode(Bytes.wrap(input));
            if (anchor == null || anchor.done().getByte(0) > Membership.MAX_MEMBERS) {
                return false;
            }
            int size = anchor.done().getByte(0);
            if (size < 1) {
                return false;
            }
            done = new Done(membership(size));
            BytesReader in = new BytesReader(anchor.done());
            done.decode(in);
            in.requireEnd();
        } catch (MalformedException refused) {
            return false;
        }
        Bytes again = Anchor.encode(new Epoch(anchor.epoch()), anchor.mark(), done, anchor.sign());
        if (!again.equals(Bytes.wrap(input))) {
            throw new AssertionError(anchor + " is encoded as " + again);
        }
        return true;
    }

    private static Membership membership(int size) {
        List<Member> members = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            members.add(new Member(new ReplicaId(i), new Incarnation(1, i)));
        }
        return new Membership(members);
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("batch", Samples.anchor(false).toByteArray());
        seeds.put("sign", Samples.anchor(true).toByteArray());
        return seeds;
    }
}
