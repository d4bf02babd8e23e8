package dev.lockstep.ordering.stability;

import dev.lockstep.core.Epoch;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// What a host keeps for stability ordering under fail-stop faults with each position.
public final class FailStopAnchorTarget implements Target {

    /// The target; it has no state.
    public FailStopAnchorTarget() {}

    @Override
    public String name() {
        return "fail-stop-anchors";
    }

    @Override
    public boolean takes(byte[] input) {
        FailStopAnchor anchor;
        Bytes again;
        try {
            anchor = FailStopAnchor.decode(Bytes.wrap(input));
            if (anchor == null || anchor.epoch() < 1) {
                return false;
            }
            again = FailStopAnchor.encode(new Epoch(anchor.epoch()), anchor.mark(), anchor.sign());
        } catch (MalformedException refused) {
            return false;
        }
        if (!again.equals(Bytes.wrap(input))) {
            throw new AssertionError(anchor + " is encoded as " + again);
        }
        return true;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Mark mark = new Mark(41, new CommandId(new ReplicaId(2), 17));
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("batch", FailStopAnchor.encode(new Epoch(1), mark, null).toByteArray());
        seeds.put("sign", FailStopAnchor.encode(new Epoch(1), null, Samples.sign()).toByteArray());
        return seeds;
    }
}
