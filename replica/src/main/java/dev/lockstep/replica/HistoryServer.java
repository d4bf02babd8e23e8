package dev.lockstep.replica;

import dev.lockstep.core.Batch;
import dev.lockstep.core.ClusterId;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.Journal;
import dev.lockstep.core.port.JournalRecord;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;

import org.jspecify.annotations.Nullable;

import java.util.function.Function;

/// Answers members that are behind with delivered positions, read back from the journal.
///
/// One answer of about [#CHUNK_BYTES] a question, so that whoever asks sets the pace.
final class HistoryServer implements Backlog.History {

    /// An answer is sent when it has this size.
    static final int CHUNK_BYTES = 1 << 20;

    private final HistoryIndex index;
    private final Journal journal;
    private final PeerPort peers;
    private final CurrentReign current;
    private final Function<JournalRecord, @Nullable Batch> batchOf;

    /// @param batchOf the batch that a protocol's record carries, of whatever epoch
    HistoryServer(
            HistoryIndex index,
            Journal journal,
            PeerPort peers,
            CurrentReign current,
            Function<JournalRecord, @Nullable Batch> batchOf) {
        this.index = index;
        this.journal = journal;
        this.peers = peers;
        this.current = current;
        this.batchOf = batchOf;
    }

    /// Sends what is delivered here from `from` on: nothing but the end if that is nothing.
    void serve(ReplicaId to, long from) {
        BytesWriter entries = new BytesWriter(4_096);
        int count = 0;
        long last = index.deliveredThrough();
        for (long position = from; position <= last; position++) {
            if (entries.size() >= CHUNK_BYTES || !putEntry(position, entries)) {
                break;
            }
            count++;
        }
        BytesWriter head = new BytesWriter(64);
        PeerFrames.begin(PeerFrames.HISTORY, current.epoch(), head);
        head.putLong(from).putLong(last).putInt(count);
        peers.send(to, head.toBytes(), entries.toBytes(), 0);
    }

    /// What is delivered here from `from` on, for a backup: about as much as one answer.
    Bytes block(ClusterId cluster, long from) {
        long last = index.deliveredThrough();
        BytesWriter block = HistoryBlock.begin(cluster, from, last);
        int count = 0;
        for (long position = from; position <= last && block.size() < CHUNK_BYTES; position++) {
            HistoryIndex.Chunk chunk = index.chunkOf(position);
            Batch batch = chunk == null ? null : batchAt(position, chunk);
            if (chunk == null || batch == null) {
                break;
            }
            HistoryBlock.putEntry(chunk.timeNanos(position), batch, block);
            count++;
        }
        return HistoryBlock.seal(count, block);
    }

    /// The batch that was delivered at a position; null if it is not in this journal, or not any
    /// more, or not yet durable.
    @Override
    public @Nullable Batch batchAt(long position) {
        boolean isDelivered = position >= 1 && position <= index.deliveredThrough();
        HistoryIndex.Chunk chunk = isDelivered ? index.chunkOf(position) : null;
        return chunk == null ? null : batchAt(position, chunk);
    }

    @Override
    public boolean has(long position) {
        HistoryIndex.Chunk chunk = index.chunkOf(position);
        return chunk != null && isReadable(chunk.sequence(position));
    }

    private boolean isReadable(long sequence) {
        return sequence >= Math.max(1, journal.firstSequence())
                && sequence <= journal.durableThrough();
    }

    /// False if the position's batch is not in this journal, or not any more, or not yet durable.
    private boolean putEntry(long position, BytesWriter out) {
        HistoryIndex.Chunk chunk = index.chunkOf(position);
        Batch batch = chunk == null ? null : batchAt(position, chunk);
        if (chunk == null || batch == null) {
            return false;
        }
        PeerFrames.putEntry(chunk.timeNanos(position), chunk.anchor(position), batch, out);
        return true;
    }

    private @Nullable Batch batchAt(long position, HistoryIndex.Chunk chunk) {
        long sequence = chunk.sequence(position);
        return isReadable(sequence) ? batchOf.apply(journal.read(sequence)) : null;
    }
}
