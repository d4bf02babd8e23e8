package dev.lockstep.core.port;

import java.io.IOException;
import java.io.OutputStream;

/// What a snapshot is to hold, frozen: unchanged by what the replica executes meanwhile.
///
/// Threading: written and closed by one thread, which may be another than the replica's.
public interface SnapshotContent extends AutoCloseable {

    /// Writes all of it, in pieces of bounded size.
    ///
    /// @throws IOException if the stream fails
    void writeTo(OutputStream out) throws IOException;

    /// Frees what is frozen.
    @Override
    void close();
}
