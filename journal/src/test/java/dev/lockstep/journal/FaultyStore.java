package dev.lockstep.journal;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// A [CrashStore] that stops the process, or reports an error, at a change of one's choice.
final class FaultyStore implements FileStore {

    /// The process ends here; nothing of the product may catch it.
    static final class Stopped extends Error {
        private static final long serialVersionUID = 1L;
    }

    /// What happens at the change of one's choice.
    enum Fault {
        /// The process ends just before.
        STOP,

        /// The disk reports an error and has changed nothing.
        ERROR,

        /// There is no room; of a write, half was done.
        FULL
    }

    private final CrashStore disk;

    /// How many changes there were: creations, writes, truncations, forces, renames, deletions and
    /// syncs.
    int changes;

    /// At which of them, counted from 0; -1 for none.
    int at = -1;

    Fault fault = Fault.STOP;

    /// True if every read fails.
    boolean failsRead;

    /// How many reads there were.
    int reads;

    /// At which of them the disk fails, counted from 0; -1 for none.
    int readAt = -1;

    /// Files that were opened and not closed.
    int open;

    FaultyStore(CrashStore disk) {
        this.disk = disk;
    }

    private void change(boolean takesRoom) throws IOException {
        if (changes++ == at) {
            switch (fault) {
                case STOP -> throw new Stopped();
                case ERROR -> throw new IOException("the disk failed");
                case FULL -> {
                    if (takesRoom) {
                        throw new DiskFullException("full");
                    }
                }
            }
        }
    }

    @Override
    public List<String> list() {
        return disk.list();
    }

    @Override
    public StoredFile open(String name) throws IOException {
        if (!disk.list().contains(name)) {
            change(true);
        }
        open++;
        return new FaultyFile(disk.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change(true);
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        change(false);
        disk.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
        change(false);
        disk.syncDirectory();
    }

    @Override
    public long usableBytes() {
        return disk.usableBytes();
    }

    private final class FaultyFile implements StoredFile {

        private final StoredFile file;

        FaultyFile(StoredFile file) {
            this.file = file;
        }

        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            if (failsRead || reads++ == readAt) {
                throw new IOException("a bad sector");
            }
            return file.read(offset, target);
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            if (changes == at && fault != Fault.ERROR) {
                ByteBuffer half = source.duplicate();
                half.limit(half.position() + half.remaining() / 2);
                file.write(offset, half);
            }
            change(true);
            file.write(offset, source);
        }

        @Override
        public void force() throws IOException {
            change(false);
            file.force();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            change(false);
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            open--;
            file.close();
        }
    }
}
