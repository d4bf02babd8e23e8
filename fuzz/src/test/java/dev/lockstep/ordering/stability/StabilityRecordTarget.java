package dev.lockstep.ordering.stability;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// The records of stability ordering.
public final class StabilityRecordTarget implements Target {

    private static final StabilityCodec CODEC = new StabilityCodec();

    /// The target; it has no state.
    public StabilityRecordTarget() {}

    @Override
    public String name() {
        return "stability-records";
    }

    @Override
    public boolean takes(byte[] input) {
        StabilityRecord read;
        try {
            read = CODEC.decodeRecord(Bytes.wrap(input));
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
        int number = 0;
        for (StabilityRecord record : Samples.records()) {
            seeds.put(record.getClass().getSimpleName() + "-" + number++, encoded(record));
        }
        return seeds;
    }

    private static byte[] encoded(StabilityRecord value) {
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeRecord(value, out);
        return out.toBytes().toByteArray();
    }
}
