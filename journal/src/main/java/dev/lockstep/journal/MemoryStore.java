package dev.lockstep.journal;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.util.List;

/// Files on the heap: they outlive the journal that was opened on them, and nothing else.
public final class MemoryStore implements FileStore {

    /// An empty store.
    public MemoryStore() {}

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
}
