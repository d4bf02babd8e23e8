package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/// A snapshot that is being written: the content to [#out], then [#advance] until it is published.
/// After any exception it can only be closed, even if whoever wrote the content caught it: content
/// with a hole in it is never published.
///
/// Holds one chunk in memory. Threading: as [SnapshotFiles].
public final class SnapshotWriting implements AutoCloseable {

    private final SnapshotFiles files;
    private final SnapshotAppender appender;
    private final SnapshotChunk chunks;
    private final OutputStream out = new Content();

    /// A chunk's header, and the content that was not written to the file yet.
    private final byte[] chunk;

    private int filled = SnapshotChunk.HEADER_BYTES;
    private boolean hasContentEnded;
    private boolean isClosed;

    /// Why it can only be closed.
    private @Nullable IOException failure;

    SnapshotWriting(SnapshotFiles files, SnapshotAppender appender) {
        this.files = files;
        this.appender = appender;
        SnapshotHeader header = appender.header();
        this.chunks = new SnapshotChunk(header.label(), header.position());
        this.chunk = new byte[SnapshotChunk.HEADER_BYTES + header.chunkBytes()];
    }

    /// Takes the content, until the first [#advance]; closing it does nothing.
    ///
    /// Its `write` throws [dev.lockstep.core.port.DiskFullException] if there is no room.
    public OutputStream out() {
        return out;
    }

    /// Goes one step: the rest of the content, the trailer, force, rename, sync of the directory.
    ///
    /// @return true if the snapshot is published and durable, false if there is a step to go
    public boolean advance() throws IOException {
        check();
        try {
            if (!hasContentEnded) {
                hasContentEnded = true;
                writeChunk();
                return false;
            }
            return appender.advance();
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /// What was written. After it was published.
    public SnapshotDescription description() {
        Invariant.check(appender.isPublished(), "a snapshot is described when it is published");
        return appender.describe();
    }

    /// Ends the writing; deletes what was written unless it was published.
    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        files.writingEnded();
        if (!appender.isPublished()) {
            appender.abandon();
        }
    }

    private void check() throws IOException {
        Invariant.check(!isClosed, "nothing follows after a writing was closed");
        if (failure != null) {
            throw failure;
        }
    }

    private void writeChunk() throws IOException {
        int length = filled - SnapshotChunk.HEADER_BYTES;
        if (length > 0) {
            chunks.seal(chunk, appender.chunks(), length);
            appender.append(Bytes.wrap(chunk, 0, filled));
            filled = SnapshotChunk.HEADER_BYTES;
        }
    }

    private final class Content extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, source.length);
            check();
            Invariant.check(!hasContentEnded, "the content comes before the first step");
            int end = offset + length;
            for (int at = offset; at < end; ) {
                int part = Math.min(end - at, chunk.length - filled);
                System.arraycopy(source, at, chunk, filled, part);
                at += part;
                filled += part;
                if (filled == chunk.length) {
                    flushChunk();
                }
            }
        }

        private void flushChunk() throws IOException {
            try {
                writeChunk();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
