package dev.lockstep.ordering.stability;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// The records of stability ordering under fail-stop faults.
public final class FailStopRecordTarget implements Target {

    private static final FailStopCodec CODEC = new FailStopCodec();

    /// The target; it has no state.
    public FailStopRecordTarget() {}

    @Override
    public String name() {
        return "fail-stop-records";
    }

    @Override
    public boolean takes(byte[] input) {
        FailStopRecord read;
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
        for (FailStopRecord record : FailStopSamples.records()) {
            seeds.put(record.getClass().getSimpleName() + "-" + number++, encoded(record));
        }
        return seeds;
    }

    private static byte[] encoded(FailStopRecord value) {
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeRecord(value, out);
        return out.toBytes().toByteArray();
    }
}
