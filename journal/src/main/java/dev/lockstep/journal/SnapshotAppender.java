package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// A snapshot file that comes into being: header, chunks, trailer, then its name. After a
/// [DiskFullException] of a write the same call may be tried again; after any other exception
/// nothing is known about what was written, and the file is only deleted.
final class SnapshotAppender {

    /// Chunks are forced in steps of this size, so that a sync of records never waits for a whole
    /// snapshot.
    private static final int FORCE_BYTES = 1 << 20;

    /// What the next call of [#advance] does. Each is a step of its own, so that a simulator can
    /// crash between any two.
    private enum Step {
        /// The trailer is to be written; chunks can still come.
        TRAILER,

        /// All is written, and must be durable before it gets its name.
        FORCE,

        /// All is durable under a name that means nothing.
        RENAME,

        /// The name is right, and a power failure may still take it back.
        SYNC,

        /// It is there for good.
        PUBLISHED
    }

    private final SnapshotFiles files;
    private final SnapshotHeader header;
    private final String name;
    private final StoredFile file;
    private final MessageDigest digest = SnapshotTrailer.newDigest();

    private int chunks;
    private long sizeBytes;
    private long unforcedBytes;
    private Step step = Step.TRAILER;
    private boolean hasFailed;

    /// Null until the content has ended.
    private @Nullable SnapshotDescription description;

    SnapshotAppender(SnapshotFiles files, SnapshotHeader header, String name, StoredFile file) {
        this.files = files;
        this.header = header;
        this.name = name;
        this.file = file;
    }

    String name() {
        return name;
    }

    StoredFile file() {
        return file;
    }

    SnapshotHeader header() {
        return header;
    }

    int chunks() {
        return chunks;
    }

    /// Where the next chunk or the trailer begins.
    long end() {
        return SnapshotHeader.BYTES + (long) chunks * SnapshotChunk.HEADER_BYTES + sizeBytes;
    }

    boolean hasFailed() {
        return hasFailed;
    }

    boolean isPublished() {
        return step == Step.PUBLISHED;
    }

    /// Makes the file one that has a header and nothing else.
    void begin() throws IOException {
        file.truncate(0);
        write(0, header.encode());
    }

    /// Writes the next chunk, which is intact.
    void append(Bytes chunk) throws IOException {
        Invariant.check(step == Step.TRAILER, "a snapshot's chunks come before its trailer");
        write(end(), chunk.asByteBuffer());
        found(chunk);
        unforcedBytes += chunk.size();
        if (unforcedBytes >= FORCE_BYTES) {
            force();
        }
    }

    /// Takes note of the next chunk, which is in the file already.
    void found(Bytes chunk) {
        int length = chunk.size() - SnapshotChunk.HEADER_BYTES;
        int offset = chunk.backingOffset() + SnapshotChunk.HEADER_BYTES;
        digest.update(chunk.backingArray(), offset, length);
        chunks++;
        sizeBytes += length;
    }

    /// What the content is, which ends with this call.
    SnapshotDescription describe() {
        SnapshotDescription described = description;
        if (described == null) {
            Bytes sha = Bytes.wrap(digest.digest());
            described = new SnapshotDescription(header.position(), chunks, sizeBytes, sha);
            description = described;
        }
        return described;
    }

    /// Goes one step towards publication; true if it was the last or there was none left.
    boolean advance() throws IOException {
        switch (step) {
            case TRAILER -> {
                write(end(), SnapshotTrailer.encode(describe(), header.label()));
                step = Step.FORCE;
            }
            case FORCE -> {
                force();
                step = Step.RENAME;
            }
            case RENAME -> {
                run(
                        () -> {
                            file.close();
                            files.rename(name, SnapshotName.complete(header.position()));
                        });
                step = Step.SYNC;
            }
            case SYNC -> {
                run(files::syncDirectory);
                files.published(describe());
                step = Step.PUBLISHED;
            }
            case PUBLISHED -> {}
        }
        return isPublished();
    }

    /// Closes the file, which stays if it was published or has its name already.
    void close() throws IOException {
        if (step != Step.SYNC && step != Step.PUBLISHED) {
            file.close();
        }
    }

    /// Closes the file and deletes it, unless it has its name already.
    void abandon() throws IOException {
        close();
        files.deleteIfThere(name);
    }

    private void write(long offset, ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        run(() -> file.write(offset, bytes));
        files.grown(name, offset + count);
    }

    private void force() throws IOException {
        try {
            run(file::force);
        } catch (DiskFullException e) {
            // To sync again would succeed and prove nothing.
            hasFailed = true;
            throw e;
        }
        unforcedBytes = 0;
    }

    /// Does what may fail, and remembers if it did.
    private void run(Action action) throws IOException {
        Invariant.check(!hasFailed, "after a failure a snapshot is only abandoned");
        hasFailed = true;
        try {
            action.run();
            hasFailed = false;
        } catch (DiskFullException e) {
            hasFailed = false;
            throw e;
        }
    }

    private interface Action {
        void run() throws IOException;
    }
}
