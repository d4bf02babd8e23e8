package dev.lockstep.journal;

import dev.lockstep.core.port.SnapshotDescription;
import dev.lockstep.core.port.StoredFile;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/// Reads one snapshot file, believing nothing that has no checksum. What the disk refuses to read
/// is damage like any other.
final class SnapshotReader implements AutoCloseable {

    private final StoredFile file;
    private final String name;

    /// What the header must be.
    private final SnapshotHeader expected;

    private final SnapshotChunk chunks;

    SnapshotReader(StoredFile file, String name, SnapshotHeader expected) {
        this.file = file;
        this.name = name;
        this.expected = expected;
        this.chunks = new SnapshotChunk(expected.label(), expected.position());
    }

    /// True if the file begins with exactly the header that it must have.
    boolean hasHeader() throws IOException {
        return expected.equals(SnapshotHeader.decode(load(0, SnapshotHeader.BYTES)));
    }

    /// Checks the header.
    ///
    /// @throws SnapshotDamagedException if it is not intact
    /// @throws IOException with a sentence if the file is of another version or label
    void checkHeader() throws IOException {
        ByteBuffer bytes = load(0, SnapshotHeader.BYTES);
        int version = SnapshotHeader.versionOf(bytes);
        if (version != 0 && version != SnapshotHeader.VERSION) {
            throw foreign(
                    "format " + version,
                    "format " + SnapshotHeader.VERSION,
                    "start the version that wrote it");
        }
        SnapshotHeader header = SnapshotHeader.decode(bytes);
        if (header == null) {
            throw damaged(0, "the header is not intact");
        }
        if (!header.label().equals(expected.label())) {
            throw new IOException(
                    name
                            + " is a snapshot of another cluster (it is labelled "
                            + header.label()
                            + ", not "
                            + expected.label()
                            + "): check the data directory and the cluster id in the"
                            + " configuration");
        }
        if (header.chunkBytes() != expected.chunkBytes()) {
            throw foreign(
                    "chunks of " + header.chunkBytes() + " bytes",
                    "chunks of " + expected.chunkBytes(),
                    "start the version that wrote it");
        }
        if (header.position() != expected.position()) {
            throw damaged(0, "the header says that it is the snapshot at " + header.position());
        }
    }

    private IOException foreign(String found, String wanted, String remedy) {
        return new IOException(
                name
                        + " has snapshot "
                        + found
                        + ", and this version of Lockstep reads "
                        + wanted
                        + ": "
                        + remedy);
    }

    /// What the trailer says of the file, which has the size that follows from it.
    SnapshotDescription describe() throws IOException {
        checkHeader();
        long size = file.size();
        long offset = size - SnapshotTrailer.BYTES;
        if (offset < SnapshotHeader.BYTES) {
            throw damaged(size, "it ends there, and a snapshot is longer");
        }
        SnapshotDescription found = trailerAt(offset);
        if (found == null) {
            throw damaged(offset, "there is no intact trailer at its end");
        }
        if (SnapshotTrailer.offsetIn(found) != offset) {
            throw damaged(
                    offset,
                    "the trailer is there and should be at "
                            + SnapshotTrailer.offsetIn(found)
                            + ", behind "
                            + found.sizeBytes()
                            + " bytes of content");
        }
        return found;
    }

    private @Nullable SnapshotDescription trailerAt(long offset) throws IOException {
        Bytes bytes = Bytes.copyOf(load(offset, SnapshotTrailer.BYTES));
        return SnapshotTrailer.decode(
                bytes, expected.label(), expected.position(), expected.chunkBytes());
    }

    /// Checks that the file ends, behind its chunks, with what it ended with when it was described.
    void checkTrailer(SnapshotDescription description) throws IOException {
        long offset = SnapshotTrailer.offsetIn(description);
        if (!description.equals(trailerAt(offset))) {
            throw damaged(offset, "the trailer is not intact");
        }
        if (file.size() != offset + SnapshotTrailer.BYTES) {
            throw damaged(
                    offset + SnapshotTrailer.BYTES,
                    "it should end there and has " + file.size() + " bytes");
        }
    }

    /// Reads one chunk to the beginning of `target`, which has room for a full one, and checks it;
    /// returns the whole of it, sharing `target`.
    Bytes chunk(SnapshotDescription description, int index, byte[] target) throws IOException {
        int length = SnapshotTrailer.lengthOf(description, index, expected.chunkBytes());
        long offset = SnapshotTrailer.offsetOf(index, expected.chunkBytes());
        ByteBuffer into = ByteBuffer.wrap(target, 0, SnapshotChunk.HEADER_BYTES + length);
        Bytes chunk = Bytes.wrap(target, 0, load(offset, into));
        String fault = chunks.fault(chunk, index, length);
        if (fault != null) {
            throw damaged(offset, fault);
        }
        return chunk;
    }

    private ByteBuffer load(long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        load(offset, target);
        return target.flip();
    }

    private int load(long offset, ByteBuffer target) throws IOException {
        try {
            return Math.max(0, file.read(offset, target));
        } catch (ClosedChannelException e) {
            // Whoever closed it, or interrupted the thread, did not damage it.
            throw e;
        } catch (IOException e) {
            throw SnapshotDamagedException.inFile(
                    name,
                    offset,
                    expected.position(),
                    "it cannot be read there (" + e.getMessage() + ")",
                    e);
        }
    }

    SnapshotDamagedException damaged(long offset, String found) {
        return SnapshotDamagedException.inFile(name, offset, expected.position(), found, null);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
