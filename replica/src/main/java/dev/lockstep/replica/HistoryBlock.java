package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import java.util.ArrayList;
import java.util.List;

/// A part of delivered history as a backup keeps it: made and sealed by a replica, checked by
/// whoever keeps it and again by whoever restores it. Little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | CRC32C of all that follows |
/// | 4 | 4 | magic, `LSHB` |
/// | 8 | 4 | format version |
/// | 12 | 4 | size of the block |
/// | 16 | 16 | cluster id |
/// | 32 | 8 | position of the first entry |
/// | 40 | 8 | the position through which the replica had delivered |
/// | 48 | 4 | number of entries |
/// | 52 | | entries: agreed time u64, batch |
///
/// What a protocol wants back with a position is left out: a cluster that is restored begins with
/// a protocol that has no past.
///
/// @param cluster whose history
/// @param first the position of the first entry, as it was asked for
/// @param deliveredThrough how far the replica had delivered
/// @param entries positions without gaps; the anchors are empty
public record HistoryBlock(
        ClusterId cluster, long first, long deliveredThrough, List<HistoryEntry> entries) {

    /// As much as [#sizeOf] must see.
    public static final int HEADER_BYTES = 52;

    /// No block is larger: one answer of history and one batch beyond it.
    public static final int MAX_BYTES = 80 << 20;

    private static final int MAGIC = 0x42_48_53_4c;
    private static final int VERSION = 1;
    private static final int LEAST_ENTRY_BYTES = Long.BYTES + Batch.HEADER_BYTES;

    public HistoryBlock {
        entries = List.copyOf(entries);
    }

    /// The last position in it; one before the first if it is empty.
    public long last() {
        return first + entries.size() - 1;
    }

    /// Begins a block; [#putEntry] for every position follows, then [#seal].
    static BytesWriter begin(ClusterId cluster, long first, long deliveredThrough) {
        BytesWriter out = new BytesWriter(4_096);
        out.putInt(0).putInt(MAGIC).putInt(VERSION).putInt(0);
        out.putLong(cluster.high()).putLong(cluster.low());
        return out.putLong(first).putLong(deliveredThrough).putInt(0);
    }

    static void putEntry(long timeNanos, Batch batch, BytesWriter out) {
        out.putLong(timeNanos);
        batch.encode(out);
    }

    static Bytes seal(int count, BytesWriter out) {
        out.setInt(12, out.size()).setInt(48, count);
        out.setInt(0, Bytes.wrap(out.array(), 4, out.size() - 4).crc32c());
        return out.toBytes();
    }

    /// How many bytes the block has that begins like this.
    ///
    /// @param header at least [#HEADER_BYTES]
    /// @throws MalformedException if none begins like this
    public static int sizeOf(Bytes header) {
        BytesReader in = new BytesReader(header);
        in.getInt();
        if (in.getInt() != MAGIC) {
            throw new MalformedException("no block of history begins like this");
        }
        int version = in.getInt();
        if (version != VERSION) {
            throw new MalformedException(
                    "history of version " + version + ", and this build knows " + VERSION);
        }
        int size = in.getInt();
        if (size < HEADER_BYTES || size > MAX_BYTES) {
            throw new MalformedException("a block of history of " + size + " bytes");
        }
        return size;
    }

    /// Reads a whole block.
    ///
    /// @throws MalformedException if it is none, or not as it was sealed
    public static HistoryBlock decode(Bytes block) {
        if (block.size() < HEADER_BYTES || sizeOf(block) != block.size()) {
            throw new MalformedException("a block of history that ends too early");
        }
        if (block.getInt(0) != block.slice(4, block.size() - 4).crc32c()) {
            throw new MalformedException("a block of history does not match its checksum");
        }
        BytesReader in = new BytesReader(block.slice(16, block.size() - 16));
        ClusterId cluster = new ClusterId(in.getLong(), in.getLong());
        long first = in.getLong();
        long deliveredThrough = in.getNonNegativeLong("position");
        int count = in.getCount(1 << 24, LEAST_ENTRY_BYTES, "number of entries");
        if (first < 1 || count > Long.MAX_VALUE - first) {
            throw new MalformedException("no history begins at " + first);
        }
        List<HistoryEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long timeNanos = in.getLong();
            entries.add(new HistoryEntry(first + i, Batch.decode(in), timeNanos, Bytes.EMPTY));
        }
        in.requireEnd();
        return new HistoryBlock(cluster, first, deliveredThrough, entries);
    }
}
