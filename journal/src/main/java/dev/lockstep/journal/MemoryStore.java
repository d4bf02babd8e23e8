package dev.lockstep.journal;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/// Files on the heap: they outlive the journal that was opened on them, and nothing else. Zeros
/// take no memory until something else is written near them, so that segments may be large.
///
/// Threading: as the port says; a file may be read and written at the same time.
public final class MemoryStore implements FileStore {

    private final TreeMap<String, MemoryFile> files = new TreeMap<>();

    /// An empty store.
    public MemoryStore() {}

    @Override
    public synchronized List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public synchronized StoredFile open(String name) {
        return files.computeIfAbsent(name, ignored -> new MemoryFile());
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        files.put(to, remove(from));
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        remove(name);
    }

    private MemoryFile remove(String name) throws IOException {
        MemoryFile file = files.remove(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file;
    }

    @Override
    public void syncDirectory() {}

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    /// A file as pages, those of zeros being left out.
    private static final class MemoryFile implements StoredFile {

        private static final int PAGE_BYTES = 64 << 10;

        private final List<byte @Nullable []> pages = new ArrayList<>();
        private long size;

        @Override
        public synchronized int read(long offset, ByteBuffer target) {
            long end = Math.min(size, offset + target.remaining());
            for (long at = offset; at < end; ) {
                int inPage = (int) (at % PAGE_BYTES);
                int part = (int) Math.min(end - at, PAGE_BYTES - inPage);
                byte[] page = pages.get((int) (at / PAGE_BYTES));
                if (page == null) {
                    putZeros(target, part);
                } else {
                    target.put(page, inPage, part);
                }
                at += part;
            }
            return (int) Math.max(0, end - offset);
        }

        private static void putZeros(ByteBuffer target, int count) {
            for (int i = 0; i < count; i++) {
                target.put((byte) 0);
            }
        }

        @Override
        public synchronized void write(long offset, ByteBuffer source) {
            grow(offset + source.remaining());
            for (long at = offset; source.hasRemaining(); ) {
                int inPage = (int) (at % PAGE_BYTES);
                int part = Math.min(source.remaining(), PAGE_BYTES - inPage);
                int number = (int) (at / PAGE_BYTES);
                byte[] page = pages.get(number);
                if (page == null && isZero(source, part)) {
                    source.position(source.position() + part);
                } else {
                    if (page == null) {
                        page = new byte[PAGE_BYTES];
                        pages.set(number, page);
                    }
                    source.get(page, inPage, part);
                }
                at += part;
            }
        }

        private static boolean isZero(ByteBuffer source, int count) {
            for (int i = 0; i < count; i++) {
                if (source.get(source.position() + i) != 0) {
                    return false;
                }
            }
            return true;
        }

        private void grow(long newSize) {
            size = Math.max(size, newSize);
            while ((long) pages.size() * PAGE_BYTES < size) {
                pages.add(null);
            }
        }

        @Override
        public void force() {}

        @Override
        public synchronized long size() {
            return size;
        }

        @Override
        public synchronized void truncate(long newSize) {
            if (newSize >= size) {
                return;
            }
            size = newSize;
            int needed = (int) ((newSize + PAGE_BYTES - 1) / PAGE_BYTES);
            while (pages.size() > needed) {
                pages.removeLast();
            }
            int inPage = (int) (newSize % PAGE_BYTES);
            byte[] last = needed == 0 || inPage == 0 ? null : pages.getLast();
            if (last != null) {
                Arrays.fill(last, inPage, PAGE_BYTES, (byte) 0);
            }
        }

        @Override
        public void close() {}
    }
}
