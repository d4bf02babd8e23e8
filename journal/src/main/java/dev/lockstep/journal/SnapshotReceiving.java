package dev.lockstep.journal;

import dev.lockstep.core.Invariant;
import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.wire.Bytes;

import java.io.IOException;

/// A snapshot that comes from another member, chunk by chunk in their order, then [#advance] until
/// it is published. What was received survives [#close] and the end of the process; of a power
/// failure, what was forced until then.
///
/// After a [dev.lockstep.core.port.DiskFullException] the same call may be tried again. Threading:
/// as [SnapshotFiles].
public final class SnapshotReceiving implements AutoCloseable {

    private final SnapshotFiles files;
    private final SnapshotAppender appender;
    private final SnapshotDescription description;
    private final SnapshotChunk chunks;
    private boolean isClosed;

    SnapshotReceiving(
            SnapshotFiles files, SnapshotAppender appender, SnapshotDescription description) {
        this.files = files;
        this.appender = appender;
        this.description = description;
        this.chunks = new SnapshotChunk(appender.header().label(), description.position());
    }

    /// Keeps of the file what is intact from its beginning on.
    void resume(SnapshotReader reader) throws IOException {
        if (!reader.hasHeader()) {
            appender.begin();
            // What is forced from here on is not lost with the name.
            files.syncDirectory();
            return;
        }
        byte[] buffer = new byte[SnapshotChunk.HEADER_BYTES + appender.header().chunkBytes()];
        try {
            while (!isComplete()) {
                appender.found(reader.chunk(description, nextChunk(), buffer));
            }
        } catch (SnapshotDamagedException end) {
            // The last writes before a crash, in part; they come again.
        }
        appender.file().truncate(appender.end());
    }

    /// The index of the chunk that is needed next; the number of chunks if none is.
    public int nextChunk() {
        return appender.chunks();
    }

    /// True if all chunks are there.
    public boolean isComplete() {
        return nextChunk() == description.chunks();
    }

    /// Takes the next chunk, as [SnapshotFiles#chunk] of another member returned it.
    ///
    /// @throws SnapshotDamagedException if it is not the next chunk or not intact; nothing changed,
    ///     and it can come again
    public void add(Bytes chunk) throws IOException {
        checkOpen();
        int next = nextChunk();
        String fault =
                isComplete()
                        ? "all " + next + " chunks are there already"
                        : chunks.fault(chunk, next, lengthOf(next));
        if (fault != null) {
            throw refused(fault);
        }
        appender.append(chunk);
    }

    private int lengthOf(int index) {
        return SnapshotTrailer.lengthOf(description, index, appender.header().chunkBytes());
    }

    /// Goes one step, when all chunks are there: the trailer, force, rename, sync of the directory.
    ///
    /// @return true if the snapshot is published and durable, false if there is a step to go
    /// @throws SnapshotDamagedException if the chunks, each intact, are not those of the snapshot
    ///     that was described; all of them are deleted
    public boolean advance() throws IOException {
        checkOpen();
        Invariant.check(isComplete(), "a snapshot is published when all chunks are there");
        if (!appender.describe().equals(description)) {
            SnapshotDamagedException other =
                    refused("the chunks together do not have the digest that was announced");
            abandon();
            throw other;
        }
        return appender.advance();
    }

    private SnapshotDamagedException refused(String found) {
        return SnapshotDamagedException.received(
                appender.name(), appender.end(), description.position(), found);
    }

    /// Ends the receiving and deletes what was received, unless it was published.
    public void abandon() throws IOException {
        if (!isClosed) {
            isClosed = true;
            files.receivingEnded();
            if (!appender.isPublished()) {
                appender.abandon();
            }
        }
    }

    /// Ends the receiving; keeps what was received, unless the disk failed and nothing is known
    /// about it.
    @Override
    public void close() throws IOException {
        if (appender.hasFailed()) {
            abandon();
        } else if (!isClosed) {
            isClosed = true;
            files.receivingEnded();
            appender.close();
        }
    }

    private void checkOpen() {
        Invariant.check(!isClosed, "nothing follows after a receiving was closed");
    }
}
