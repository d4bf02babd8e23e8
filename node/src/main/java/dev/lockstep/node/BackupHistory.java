package dev.lockstep.node;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.HistoryEntry;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.replica.HistoryBlock;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.function.Predicate;

/// The history file of a backup: blocks as replicas made them, one after the other, positions
/// without gaps.
///
/// Threading: one thread.
final class BackupHistory implements AutoCloseable {

    private static final long SECOND_NANOS = 1_000_000_000L;

    /// What a file holds from a snapshot on.
    ///
    /// @param last the last position; that of the snapshot if there is nothing after it
    /// @param time agreed time there
    /// @param bytes of the whole file
    /// @param digest SHA-256 of the whole file
    record Summary(long last, Instant time, long bytes, Bytes digest) {}

    private final StoredFile file;
    private final ClusterId cluster;

    /// The end of what is intact; -1 before it was looked for.
    private long end = -1;

    /// The first position and the one after the last; equal if there is nothing.
    private long first;

    private long next;

    private long lastTimeNanos;

    BackupHistory(StoredFile file, ClusterId cluster) {
        this.file = file;
        this.cluster = cluster;
    }

    /// The position that must come next, to follow a snapshot at `position`; what is there and
    /// does not lead on from it is let go.
    long needed(long position) throws IOException {
        if (end < 0) {
            findEnd();
        }
        if (first > position + 1 || next < position + 1) {
            end = 0;
            first = position + 1;
            next = first;
        }
        file.truncate(end);
        return next;
    }

    /// What a crash has left of the last block is written again.
    private void findEnd() throws IOException {
        end = 0;
        while (true) {
            Bytes bytes;
            HistoryBlock block;
            try {
                bytes = read(end);
                if (bytes == null) {
                    return;
                }
                block = HistoryBlock.decode(bytes);
            } catch (MalformedException torn) {
                return;
            }
            if (!block.cluster().equals(cluster)
                    || block.entries().isEmpty()
                    || (end > 0 && block.first() != next)) {
                return;
            }
            note(block, bytes.size());
        }
    }

    private void note(HistoryBlock block, int bytes) {
        if (end == 0) {
            first = block.first();
        }
        end += bytes;
        next = block.last() + 1;
        lastTimeNanos = block.entries().getLast().timeNanos();
    }

    int append(Bytes bytes) throws IOException {
        HistoryBlock block;
        try {
            block = HistoryBlock.decode(bytes);
        } catch (MalformedException e) {
            throw new IOException("what came is no history: " + e.getMessage(), e);
        }
        if (!block.cluster().equals(cluster) || block.first() != next) {
            throw new IOException(
                    "what came is history of cluster %s from position %d, not of %s from %d"
                            .formatted(block.cluster(), block.first(), cluster, next));
        }
        if (block.entries().isEmpty()) {
            return 0;
        }
        file.write(end, ByteBuffer.wrap(bytes.backingArray(), bytes.backingOffset(), bytes.size()));
        note(block, bytes.size());
        return block.entries().size();
    }

    /// Makes it durable and reads it back.
    Summary complete(long position) throws IOException {
        file.force();
        MessageDigest digest = sha256();
        long[] last = {position, 0};
        walk(
                digest,
                entry -> {
                    last[0] = Math.max(last[0], entry.position());
                    last[1] = entry.timeNanos();
                    return true;
                });
        if (last[0] != next - 1 || (end > 0 && last[1] != lastTimeNanos)) {
            throw new IOException(
                    file + " was not read back as it was written: look after the disk");
        }
        return new Summary(last[0], instant(last[1]), end, Bytes.wrap(digest.digest()));
    }

    /// Hands out what follows the snapshot; reads the file through first.
    void replay(BackupManifest manifest, Predicate<HistoryEntry> reader) throws IOException {
        MessageDigest digest = sha256();
        long[] last = {manifest.snapshot().position()};
        walk(
                digest,
                entry -> {
                    last[0] = entry.position();
                    return true;
                });
        if (file.size() != manifest.historyBytes()
                || last[0] != manifest.last()
                || !Bytes.wrap(digest.digest()).equals(manifest.historyDigest())) {
            throw damaged("it is not the one that the backup was completed with", null);
        }
        walk(
                sha256(),
                entry -> entry.position() <= manifest.snapshot().position() || reader.test(entry));
    }

    private void walk(MessageDigest digest, Predicate<HistoryEntry> reader) throws IOException {
        long at = 0;
        try {
            for (Bytes bytes = read(at); bytes != null; bytes = read(at)) {
                digest.update(bytes.backingArray(), bytes.backingOffset(), bytes.size());
                at += bytes.size();
                for (HistoryEntry entry : HistoryBlock.decode(bytes).entries()) {
                    if (!reader.test(entry)) {
                        return;
                    }
                }
            }
        } catch (MalformedException e) {
            throw damaged("from byte " + at + " on: " + e.getMessage(), e);
        }
    }

    private IOException damaged(String how, @Nullable Throwable cause) {
        return new IOException(
                "%s is damaged (%s): restore from another backup".formatted(file, how), cause);
    }

    /// The block at `at`; null at the end of the file.
    private @Nullable Bytes read(long at) throws IOException {
        if (at == file.size()) {
            return null;
        }
        ByteBuffer header = ByteBuffer.allocate(HistoryBlock.HEADER_BYTES);
        if (file.read(at, header) < header.capacity()) {
            throw new MalformedException("a block of history that ends too early");
        }
        byte[] block = new byte[HistoryBlock.sizeOf(Bytes.wrap(header.array()))];
        if (file.read(at, ByteBuffer.wrap(block)) < block.length) {
            throw new MalformedException("a block of history that ends too early");
        }
        return Bytes.wrap(block);
    }

    static Instant instant(long nanos) {
        return Instant.ofEpochSecond(
                Math.floorDiv(nanos, SECOND_NANOS), Math.floorMod(nanos, SECOND_NANOS));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
