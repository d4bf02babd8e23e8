package dev.lockstep.journal;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A directory of the file system, locked for this process.
public final class DirectoryStore implements FileStore, AutoCloseable {

    private DirectoryStore() {}

    /// Opens a directory, creating it if need be, and locks it.
    ///
    /// @throws DirectoryInUseException if it is locked already
    /// @throws IOException with a sentence if it cannot be written to
    public static DirectoryStore open(Path directory) throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public List<String> list() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public StoredFile open(String name) throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void rename(String from, String to) throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void delete(String name) throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void syncDirectory() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public long usableBytes() {
        throw new UnsupportedOperationException("not built yet");
    }

    /// Unlocks the directory. Open files stay open.
    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException("not built yet");
    }
}
