package dev.lockstep.node;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// A store whose disk can be full, or broken.
final class FillingStore implements FileStore {

    private final FileStore store;

    volatile boolean full;
    volatile boolean broken;

    /// Hardly anything more fits in, but what is written does.
    volatile boolean low;

    /// How often a write found the disk full.
    final java.util.concurrent.atomic.AtomicInteger refusals =
            new java.util.concurrent.atomic.AtomicInteger();

    FillingStore(FileStore store) {
        this.store = store;
    }

    @Override
    public List<String> list() throws IOException {
        return store.list();
    }

    @Override
    public StoredFile open(String name) throws IOException {
        StoredFile file = store.open(name);
        return new StoredFile() {
            @Override
            public int read(long offset, ByteBuffer target) throws IOException {
                return file.read(offset, target);
            }

            @Override
            public void write(long offset, ByteBuffer source) throws IOException {
                check(name);
                file.write(offset, source);
            }

            @Override
            public void force() throws IOException {
                if (broken) {
                    throw new IOException("Input/output error");
                }
                file.force();
            }

            @Override
            public long size() throws IOException {
                return file.size();
            }

            @Override
            public void truncate(long size) throws IOException {
                file.truncate(size);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    private void check(String name) throws DiskFullException {
        if (full) {
            refusals.incrementAndGet();
            throw new DiskFullException("no room for " + name);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        store.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        store.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
        store.syncDirectory();
    }

    @Override
    public long usableBytes() {
        return full || low ? 0 : store.usableBytes();
    }
}
