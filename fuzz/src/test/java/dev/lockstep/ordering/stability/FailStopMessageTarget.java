package dev.lockstep.ordering.stability;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// The messages of stability ordering under fail-stop faults.
public final class FailStopMessageTarget implements Target {

    private static final FailStopCodec CODEC = new FailStopCodec();

    /// The target; it has no state.
    public FailStopMessageTarget() {}

    @Override
    public String name() {
        return "fail-stop-messages";
    }

    @Override
    public boolean takes(byte[] input) {
        FailStopMessage read;
        try {
            read = CODEC.decodeMessage(Bytes.wrap(input));
        } catch (MalformedException refused) {
            return false;
        }
        if (!Bytes.wrap(encoded(read)).equals(Bytes.wrap(input))) {
            throw new AssertionError(read + " is encoded otherwise");
        }
        return true;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        for (FailStopMessage.Body body : FailStopSamples.bodies()) {
            seeds.put(
                    body.getClass().getSimpleName(),
                    encoded(new FailStopMessage(FailStopSamples.header(), body)));
        }
        return seeds;
    }

    private static byte[] encoded(FailStopMessage value) {
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeMessage(value, out);
        return out.toBytes().toByteArray();
    }
}
