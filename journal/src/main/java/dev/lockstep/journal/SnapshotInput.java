package dev.lockstep.journal;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;

/// The content of one snapshot, chunk by chunk: nothing is handed out that was not checked, and
/// after damage was met there is nothing more, and no end either.
final class SnapshotInput extends InputStream {

    private final SnapshotReader reader;
    private final SnapshotDescription description;
    private final MessageDigest digest = SnapshotTrailer.newDigest();
    private final byte[] buffer;

    /// The checked content of one chunk that was not handed out yet.
    private int at;

    private int limit;
    private int nextChunk;

    /// True after the trailer was checked.
    private boolean hasEnded;

    private boolean isClosed;

    /// Why nothing more comes.
    private @Nullable IOException failure;

    SnapshotInput(SnapshotReader reader, SnapshotDescription description, int chunkBytes) {
        this.reader = reader;
        this.description = description;
        int room = (int) Math.min(chunkBytes, description.sizeBytes());
        this.buffer = new byte[SnapshotChunk.HEADER_BYTES + room];
    }

    @Override
    public int read() throws IOException {
        return hasMore() ? buffer[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int count = Math.min(length, limit - at);
        System.arraycopy(buffer, at, target, offset, count);
        at += count;
        return count;
    }

    @Override
    public int available() {
        return limit - at;
    }

    private boolean hasMore() throws IOException {
        if (isClosed) {
            throw new IOException("the snapshot was closed");
        }
        if (failure != null) {
            throw failure;
        }
        if (at < limit) {
            return true;
        }
        try {
            return nextChunk < description.chunks() ? loadChunk() : end();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    private boolean loadChunk() throws IOException {
        Bytes chunk = reader.chunk(description, nextChunk, buffer);
        nextChunk++;
        at = SnapshotChunk.HEADER_BYTES;
        limit = chunk.size();
        digest.update(buffer, at, limit - at);
        return true;
    }

    private boolean end() throws IOException {
        if (!hasEnded) {
            reader.checkTrailer(description);
            if (!Bytes.wrap(digest.digest()).equals(description.digest())) {
                throw reader.damaged(
                        SnapshotTrailer.offsetIn(description),
                        "the digest there is not that of the content");
            }
            hasEnded = true;
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            reader.close();
        }
    }
}
