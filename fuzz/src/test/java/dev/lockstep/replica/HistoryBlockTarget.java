package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.BatchId;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.fuzz.Target;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// A part of history in a backup: a byte, then the block. A byte 1 gives the block the size and the
/// checksum that fit.
public final class HistoryBlockTarget implements Target {

    /// The target; it has no state.
    public HistoryBlockTarget() {}

    @Override
    public String name() {
        return "history-blocks";
    }

    @Override
    public boolean takes(byte[] input) {
        if (input.length == 0) {
            return false;
        }
        Bytes block = block(input);
        HistoryBlock read;
        try {
            read = HistoryBlock.decode(block);
        } catch (MalformedException refused) {
            return false;
        }
        BytesWriter out = HistoryBlock.begin(read.cluster(), read.first(), read.deliveredThrough());
        for (HistoryEntry entry : read.entries()) {
            HistoryBlock.putEntry(entry.timeNanos(), entry.batch(), out);
        }
        Bytes written = HistoryBlock.seal(read.entries().size(), out);
        if (!written.equals(block)) {
            throw new AssertionError(read + " written again is " + written);
        }
        return true;
    }

    private static Bytes block(byte[] input) {
        byte[] block = Arrays.copyOfRange(input, 1, input.length);
        if (input[0] != 1 || block.length < HistoryBlock.HEADER_BYTES) {
            return Bytes.wrap(block);
        }
        BytesWriter sealed = new BytesWriter(block.length).put(block, 0, block.length);
        sealed.setInt(12, block.length);
        sealed.setInt(0, Bytes.wrap(sealed.array(), 4, block.length - 4).crc32c());
        return sealed.toBytes();
    }

    @Override
    public Map<String, byte[]> seeds() {
        ClusterId cluster = new ClusterId(1, 2);
        BytesWriter two = HistoryBlock.begin(cluster, 7, 9);
        for (int i = 1; i <= 2; i++) {
            BatchId id = new BatchId(new ReplicaId(2), new Incarnation(3, 4), 5, i);
            HistoryBlock.putEntry(10 + i, Batch.of(id, 10, Bytes.wrap(new byte[i])), two);
        }
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        seeds.put("empty", seed(0, HistoryBlock.seal(0, HistoryBlock.begin(cluster, 1, 0))));
        seeds.put("whole", seed(0, HistoryBlock.seal(2, two)));
        seeds.put("sealed", seed(1, HistoryBlock.seal(2, two)));
        return seeds;
    }

    private static byte[] seed(int kind, Bytes block) {
        return new BytesWriter(block.size() + 1).putByte(kind).put(block).toBytes().toByteArray();
    }
}
