package dev.lockstep.api;

import java.io.IOException;
import java.io.OutputStream;

/// A state machine's state at one position, unchanged by later commands.
///
/// Threading: written from another thread than the one that executes commands, while commands go
/// on; used by one thread at a time.
public interface FrozenState extends AutoCloseable {

    /// Writes the whole state; equal states write equal bytes. May be called more than once.
    ///
    /// @throws IOException if the stream fails; the view stays usable
    void writeTo(OutputStream out) throws IOException;

    /// Frees what the view holds. Nothing by default.
    @Override
    default void close() {}
}
