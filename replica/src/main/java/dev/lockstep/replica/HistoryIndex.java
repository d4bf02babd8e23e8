package dev.lockstep.replica;

import dev.lockstep.core.BatchId;
import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesReader;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.TreeMap;

/// Where in the journal the batch of every delivered position is, with the position's agreed time
/// and anchor, so that members behind can be served from the journal.
///
/// Positions come in chunks of [#CHUNK]. A full chunk is written to the journal itself and leaves
/// memory once that is durable; what stays is one number for each chunk.
final class HistoryIndex {

    /// Positions in a chunk.
    static final int CHUNK = 1_024;

    /// How many undelivered batches are remembered; the oldest records are let go beyond it.
    static final int MAX_UNDELIVERED = 1 << 16;

    /// The positions from `first` on.
    static final class Chunk {
        private final long first;
        private final long[] sequences = new long[CHUNK];
        private final long[] times = new long[CHUNK];
        private final Bytes[] anchors = new Bytes[CHUNK];
        private int count;

        Chunk(long first) {
            this.first = first;
            Arrays.fill(anchors, Bytes.EMPTY);
        }

        /// The journal sequence of the record with the batch; 0 if it is not known here. The
        /// journal may have let it go.
        long sequence(long position) {
            return sequences[(int) (position - first)];
        }

        long timeNanos(long position) {
            return times[(int) (position - first)];
        }

        Bytes anchor(long position) {
            return anchors[(int) (position - first)];
        }

        /// Nothing is known here of the first so many positions.
        private void skip(int positions) {
            count = positions;
        }

        private void add(long sequence, long timeNanos, Bytes anchor) {
            sequences[count] = sequence;
            times[count] = timeNanos;
            anchors[count] = anchor;
            count++;
        }

        private Bytes encode() {
            BytesWriter out = new BytesWriter(CHUNK * 32);
            out.putLong(first).putInt(count);
            for (int i = 0; i < count; i++) {
                out.putLong(sequences[i]).putLong(times[i]).putSized(anchors[i]);
            }
            return out.toBytes();
        }

        private static Chunk decode(Bytes content) {
            BytesReader in = new BytesReader(content);
            Chunk chunk = new Chunk(firstOf(in));
            int count = in.getCount(CHUNK, 20, "number of positions");
            for (int i = 0; i < count; i++) {
                long sequence = in.getNonNegativeLong("sequence");
                long timeNanos = in.getLong();
                // A copy, so that the anchor does not keep the whole record in memory.
                Bytes anchor = in.getSized(PeerFrames.MAX_ANCHOR_BYTES, "anchor");
                chunk.add(sequence, timeNanos, Bytes.wrap(anchor.toByteArray()));
            }
            in.requireEnd();
            return chunk;
        }

        private static long firstOf(BytesReader in) {
            long first = in.getLong();
            if (first < 1 || first % CHUNK != 1) {
                throw new MalformedException("no chunk of history begins at position " + first);
            }
            return first;
        }
    }

    private final Journal journal;
    private final CurrentReign current;

    /// Chunks in memory, by number: the one being filled, and full ones that are not known to be
    /// durable.
    private final LongMap<Chunk> chunks = new LongMap<>();

    /// By chunk number: the record that holds the chunk; 0 if there is none.
    private long[] records = new long[16];

    /// The last chunk that was read back.
    private @Nullable Chunk readBack;

    /// Records with a batch that is not delivered yet: the batch's latest record.
    private final TreeMap<BatchId, Long> undelivered = new TreeMap<>();

    private long deliveredThrough;

    /// The position that it began after, and what the protocol delivered with it.
    private long restoredPosition;

    private Bytes restoredAnchor = Bytes.EMPTY;

    private long restoredNanos;

    /// True once the journal takes records.
    private boolean writing;

    HistoryIndex(Journal journal, CurrentReign current) {
        this.journal = journal;
        this.current = current;
    }

    /// Begins after `position`, of which a snapshot stands for everything before.
    ///
    /// @param timeNanos agreed time there
    /// @param anchor what the protocol delivered with the position
    void restore(long position, long timeNanos, Bytes anchor) {
        restoredNanos = timeNanos;
        deliveredThrough = position;
        restoredPosition = position;
        restoredAnchor = anchor;
        int before = (int) (position % CHUNK);
        if (before > 0) {
            Chunk chunk = new Chunk(position - before + 1);
            chunk.skip(before);
            chunks.put(number(position), chunk);
        }
    }

    /// Every position through here is delivered.
    long deliveredThrough() {
        return deliveredThrough;
    }

    void onPersisted(BatchId batch, long sequence) {
        undelivered.put(batch, sequence);
        if (undelivered.size() > MAX_UNDELIVERED) {
            long[] sequences = undelivered.values().stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sequences);
            long median = sequences[sequences.length / 2];
            undelivered.values().removeIf(old -> old < median);
        }
    }

    void onDelivered(long position, BatchId batch, long timeNanos, Bytes anchor) {
        Invariant.check(
                position == deliveredThrough + 1, "positions are delivered without gaps", position);
        deliveredThrough = position;
        Long sequence = undelivered.remove(batch);
        long number = number(position);
        Chunk chunk = chunks.get(number);
        if (chunk == null) {
            chunk = new Chunk(number * CHUNK + 1);
            chunks.put(number, chunk);
        }
        chunk.add(sequence == null ? 0 : sequence, timeNanos, anchor);
        if (chunk.count == CHUNK && writing) {
            write(number, chunk);
        }
    }

    /// A record of this index survived the last boot.
    void replay(JournalRecord record) {
        BytesReader in = new BytesReader(record.content());
        setRecord(number(Chunk.firstOf(in)), record.sequence());
        in.getCount(CHUNK, 20, "number of positions");
    }

    /// The journal takes records from now on.
    void recovered() {
        writing = true;
        for (long number : chunks.sortedKeys()) {
            Chunk chunk = chunks.get(number);
            if (chunk != null && chunk.count == CHUNK && record(number) == 0) {
                write(number, chunk);
            }
        }
        onDurable();
    }

    /// The journal is durable further than before: chunks may leave memory.
    void onDurable() {
        if (chunks.size() < 2) {
            return;
        }
        for (long number : chunks.sortedKeys()) {
            Chunk chunk = chunks.get(number);
            long record = record(number);
            if (chunk != null
                    && chunk.count == CHUNK
                    && record != 0
                    && record <= journal.durableThrough()) {
                chunks.remove(number);
            }
        }
    }

    /// What is known of a delivered position; may read the journal. Null if that has been let go.
    @Nullable Chunk chunkOf(long position) {
        Invariant.check(
                position >= 1 && position <= deliveredThrough, "only delivered history is read");
        long number = number(position);
        Chunk chunk = chunks.get(number);
        if (chunk != null) {
            return chunk;
        }
        Chunk last = readBack;
        if (last != null && number(last.first) == number) {
            return last;
        }
        long record = record(number);
        if (record == 0 || record < journal.firstSequence()) {
            return null;
        }
        Chunk read = Chunk.decode(journal.read(record).content());
        readBack = read;
        return read;
    }

    /// What the protocol delivered with one of the last positions, none older than what is
    /// restored.
    Bytes anchorOf(long position) {
        return position == restoredPosition
                ? restoredAnchor
                : recentChunkOf(position).anchor(position);
    }

    /// Agreed time at one of the last positions, none older than what is restored.
    long timeOf(long position) {
        return position == restoredPosition
                ? restoredNanos
                : recentChunkOf(position).timeNanos(position);
    }

    private Chunk recentChunkOf(long position) {
        Chunk chunk = chunkOf(position);
        if (chunk == null) {
            throw Invariant.broken("the last executed position is in the index");
        }
        return chunk;
    }

    private void write(long number, Chunk chunk) {
        setRecord(
                number,
                journal.append(
                        RecordKind.HISTORY_INDEX, current.epoch(), chunk.encode(), Bytes.EMPTY));
    }

    private long record(long number) {
        return number < records.length ? records[(int) number] : 0;
    }

    private void setRecord(long number, long sequence) {
        if (number >= Integer.MAX_VALUE - 8) {
            throw new MalformedException("history of chunk " + number);
        }
        if (number >= records.length) {
            records = Arrays.copyOf(records, (int) Math.max(number + 1, 2L * records.length));
        }
        records[(int) number] = sequence;
    }

    private static long number(long position) {
        return (position - 1) / CHUNK;
    }
}
