package dev.lockstep.ordering.stability;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// The messages of stability ordering.
public final class StabilityMessageTarget implements Target {

    private static final StabilityCodec CODEC = new StabilityCodec();

    /// The target; it has no state.
    public StabilityMessageTarget() {}

    @Override
    public String name() {
        return "stability-messages";
    }

    @Override
    public boolean takes(byte[] input) {
        StabilityMessage read;
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
        for (StabilityMessage.Body body : Samples.bodies()) {
            seeds.put(
                    body.getClass().getSimpleName(),
                    encoded(new StabilityMessage(Samples.header(), body)));
        }
        return seeds;
    }

    private static byte[] encoded(StabilityMessage value) {
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeMessage(value, out);
        return out.toBytes().toByteArray();
    }
}
