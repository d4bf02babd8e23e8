package dev.lockstep.journal;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A disk in memory on which a crash leaves, of what was not synced, each sector as it was after
/// any of the writes to it or before all of them, and of the directory's changes any prefix.
///
/// The simulator's disk follows the same rules in `testkit`, which stands above this module: Maven
/// lets no test here use it, and a disk that loses data has no place in this module's product.
final class CrashStore implements FileStore {

    static final int SECTOR = 512;

    private TreeMap<String, DiskFile> files = new TreeMap<>();
    private final List<TreeMap<String, DiskFile>> directories = new ArrayList<>();

    /// How many more bytes files may grow by.
    long freeBytes = 1L << 60;

    /// What [#usableBytes] returns, if not the truth.
    boolean saysUsable = true;

    /// Before which of the steps that change something the process dies, in the middle of it if it
    /// is a write: 1 for the next.
    int diesAt = Integer.MAX_VALUE;

    int forces;
    int writes;
    boolean failsForce;

    /// The process is gone: nobody hears of it.
    static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    CrashStore() {
        directories.add(new TreeMap<>());
    }

    /// The disk after a power failure.
    CrashStore crash(RandomGenerator random) {
        CrashStore after = new CrashStore();
        TreeMap<String, DiskFile> directory = directories.get(random.nextInt(directories.size()));
        directory.forEach((name, file) -> after.files.put(name, file.crash(after, random)));
        after.directorySynced();
        return after;
    }

    /// The disk after the process ended: everything that was written is there, nothing is synced.
    CrashStore copy() {
        CrashStore after = new CrashStore();
        files.forEach((name, file) -> after.files.put(name, file.copy(after)));
        after.directorySynced();
        return after;
    }

    byte[] bytes(String name) {
        DiskFile file = files.get(name);
        if (file == null) {
            throw new IllegalArgumentException(name);
        }
        return file.content;
    }

    void put(String name, byte[] content) {
        DiskFile file = new DiskFile(this);
        file.content = content.clone();
        file.durable = content.clone();
        files.put(name, file);
        directorySynced();
    }

    /// @return false if the process dies
    private boolean lives() {
        diesAt -= diesAt == Integer.MAX_VALUE ? 0 : 1;
        return diesAt > 0;
    }

    private void live() {
        if (!lives()) {
            throw new Died();
        }
    }

    private void directoryChanged() {
        directories.add(new TreeMap<>(files));
    }

    private void directorySynced() {
        directories.clear();
        directoryChanged();
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public StoredFile open(String name) {
        DiskFile file = files.get(name);
        if (file == null) {
            live();
            file = new DiskFile(this);
            files.put(name, file);
            directoryChanged();
        }
        return file;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        live();
        files.put(to, remove(from));
        directoryChanged();
    }

    @Override
    public void delete(String name) throws IOException {
        live();
        freeBytes += remove(name).content.length;
        directoryChanged();
    }

    private DiskFile remove(String name) throws IOException {
        DiskFile file = files.remove(name);
        if (file == null) {
            throw new IOException("no file " + name);
        }
        return file;
    }

    @Override
    public void syncDirectory() {
        live();
        directorySynced();
    }

    @Override
    public long usableBytes() {
        return saysUsable ? freeBytes : Long.MAX_VALUE;
    }

    private static final class DiskFile implements StoredFile {

        private final CrashStore store;
        private byte[] content = new byte[0];
        private byte[] durable = new byte[0];
        private final TreeMap<Integer, List<byte[]>> versions = new TreeMap<>();

        DiskFile(CrashStore store) {
            this.store = store;
        }

        DiskFile crash(CrashStore after, RandomGenerator random) {
            DiskFile left = new DiskFile(after);
            int size =
                    content.length > durable.length && random.nextBoolean()
                            ? content.length
                            : durable.length;
            left.content = Arrays.copyOf(durable, size);
            versions.forEach(
                    (sector, list) -> {
                        int version = random.nextInt(list.size() + 1);
                        int at = sector * SECTOR;
                        if (version < list.size() && at < size) {
                            byte[] bytes = list.get(version);
                            System.arraycopy(
                                    bytes, 0, left.content, at, Math.min(bytes.length, size - at));
                        }
                    });
            left.durable = left.content.clone();
            return left;
        }

        DiskFile copy(CrashStore after) {
            DiskFile left = new DiskFile(after);
            left.content = content.clone();
            left.durable = durable.clone();
            left.versions.putAll(versions);
            return left;
        }

        @Override
        public int read(long offset, ByteBuffer target) {
            int count = (int) Math.min(Math.max(0, content.length - offset), target.remaining());
            if (count > 0) {
                target.put(content, (int) offset, count);
            }
            return count;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            store.writes++;
            if (!store.lives()) {
                source.limit(source.position() + source.remaining() / 2);
                put(offset, source);
                throw new Died();
            }
            put(offset, source);
        }

        private void put(long offset, ByteBuffer source) throws IOException {
            int start = (int) offset;
            int wanted = source.remaining();
            long growth = Math.max(0, start + wanted - content.length);
            int count =
                    growth <= store.freeBytes ? wanted : (int) (wanted - growth + store.freeBytes);
            if (count > 0) {
                int end = start + count;
                if (end > content.length) {
                    store.freeBytes -= end - content.length;
                    content = Arrays.copyOf(content, end);
                }
                source.get(content, start, count);
                for (int s = start / SECTOR; s * SECTOR < end; s++) {
                    byte[] now =
                            Arrays.copyOfRange(
                                    content,
                                    s * SECTOR,
                                    Math.min(content.length, (s + 1) * SECTOR));
                    versions.computeIfAbsent(s, ignored -> new ArrayList<>()).add(now);
                }
            }
            if (count < wanted) {
                throw new DiskFullException("full");
            }
        }

        @Override
        public void force() throws IOException {
            store.forces++;
            store.live();
            if (store.failsForce) {
                throw new IOException("the disk failed");
            }
            durable = content.clone();
            versions.clear();
        }

        @Override
        public long size() {
            return content.length;
        }

        @Override
        public void truncate(long size) {
            if (size < content.length) {
                store.live();
                store.freeBytes += content.length - size;
                content = Arrays.copyOf(content, (int) size);
                durable = Arrays.copyOf(durable, (int) Math.min(size, durable.length));
                versions.keySet().removeIf(s -> s * SECTOR >= size);
            }
        }

        @Override
        public void close() {}
    }
}
