package dev.lockstep.ordering.leader;

import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.LinkedHashMap;
import java.util.Map;

/// The records of leader ordering.
public final class LeaderRecordTarget implements Target {

    private static final LeaderCodec CODEC = new LeaderCodec();

    /// The target; it has no state.
    public LeaderRecordTarget() {}

    @Override
    public String name() {
        return "leader-records";
    }

    @Override
    public boolean takes(byte[] input) {
        LeaderRecord record;
        try {
            record = CODEC.decodeRecord(Bytes.wrap(input));
        } catch (MalformedException refused) {
            return false;
        }
        if (!Bytes.wrap(encoded(record)).equals(Bytes.wrap(input))) {
            throw new AssertionError(record + " is encoded as another record");
        }
        return true;
    }

    @Override
    public Map<String, byte[]> seeds() {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("term", encoded(new LeaderRecord.Term(3, null)));
        seeds.put("vote", encoded(new LeaderRecord.Term(3, new ReplicaId(2))));
        for (AppendedEntry appended : Examples.entries()) {
            if (appended instanceof LogEntry entry) {
                seeds.put("entry-" + entry.purpose(), encoded(new LeaderRecord.Entry(entry)));
            }
        }
        seeds.put("truncated", encoded(new LeaderRecord.Truncated(8)));
        seeds.put("committed", encoded(new LeaderRecord.Committed(9)));
        return seeds;
    }

    private static byte[] encoded(LeaderRecord record) {
        BytesWriter out = new BytesWriter(256);
        CODEC.encodeRecord(record, out);
        return out.toBytes().toByteArray();
    }
}
