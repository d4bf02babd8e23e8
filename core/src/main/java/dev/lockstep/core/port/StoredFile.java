package dev.lockstep.core.port;

import java.io.IOException;
import java.nio.ByteBuffer;

/// One open file of a [FileStore].
public interface StoredFile extends AutoCloseable {

    /// Reads into `target` from `offset` until it is full or the file ends; returns how many bytes.
    int read(long offset, ByteBuffer target) throws IOException;

    /// Writes all that remains in `source` at `offset`, growing the file if need be.
    ///
    /// @throws DiskFullException if there is no room; a part may have been written
    void write(long offset, ByteBuffer source) throws IOException;

    /// Makes everything written durable. After an exception nothing is known about unsynced writes:
    /// never retried.
    void force() throws IOException;

    /// The size in bytes.
    long size() throws IOException;

    /// Cuts the file off at `size`.
    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;
}
