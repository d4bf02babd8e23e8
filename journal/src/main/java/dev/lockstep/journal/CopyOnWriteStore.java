package dev.lockstep.journal;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// The files of another store, which stay as they are: whatever is written, renamed or deleted here
/// is so in memory only. For who reads a journal as a start would, which cuts torn tails off, and
/// must not change it.
///
/// Memory: the pages that were written, of 64 KiB each.
///
/// Threading: one thread.
public final class CopyOnWriteStore implements FileStore, AutoCloseable {

    private static final int PAGE_BYTES = 64 << 10;

    private final FileStore store;
    private final TreeMap<String, CopiedFile> files = new TreeMap<>();

    /// @param store whose files are read; not to be changed meanwhile, and not closed by this
    public CopyOnWriteStore(FileStore store) throws IOException {
        this.store = store;
        for (String name : store.list()) {
            files.put(name, new CopiedFile(name));
        }
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public StoredFile open(String name) {
        return files.computeIfAbsent(name, _ -> new CopiedFile(null));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        files.put(to, remove(from));
    }

    @Override
    public void delete(String name) throws IOException {
        remove(name).close();
    }

    private CopiedFile remove(String name) throws IOException {
        CopiedFile file = files.remove(name);
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

    @Override
    public void close() throws IOException {
        for (CopiedFile file : files.values()) {
            file.close();
        }
    }

    /// A file of the store with the pages that were written over it.
    private final class CopiedFile implements StoredFile {

        /// The name in the store; null if the file is not there.
        private final @Nullable String origin;

        private final TreeMap<Long, byte[]> pages = new TreeMap<>();

        /// Pages of zeros, which take no memory.
        private final Set<Long> zeros = new HashSet<>();

        private @Nullable StoredFile original;

        /// So much of the origin is still to be seen; -1 before it was opened.
        private long shownBytes = -1;

        private long sizeBytes;

        CopiedFile(@Nullable String origin) {
            this.origin = origin;
        }

        private void open() throws IOException {
            if (shownBytes >= 0) {
                if (original == null && origin != null) {
                    original = store.open(origin);
                }
                return;
            }
            if (origin != null) {
                original = store.open(origin);
                sizeBytes = original.size();
            }
            shownBytes = sizeBytes;
        }

        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            open();
            long end = Math.min(sizeBytes, offset + target.remaining());
            for (long at = offset; at < end; ) {
                int inPage = (int) (at % PAGE_BYTES);
                int part = (int) Math.min(end - at, PAGE_BYTES - inPage);
                target.put(page(at / PAGE_BYTES, inPage, part), 0, part);
                at += part;
            }
            return (int) Math.max(0, end - offset);
        }

        /// A part of a page.
        private byte[] page(long number, int from, int size) throws IOException {
            byte[] written = pages.get(number);
            if (written != null) {
                return Arrays.copyOfRange(written, from, from + size);
            }
            byte[] part = new byte[size];
            long offset = number * PAGE_BYTES + from;
            StoredFile source = original;
            if (source != null && offset < shownBytes && !zeros.contains(number)) {
                int shown = (int) Math.min(size, shownBytes - offset);
                source.read(offset, ByteBuffer.wrap(part, 0, shown));
            }
            return part;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            open();
            long at = offset;
            while (source.hasRemaining()) {
                long number = at / PAGE_BYTES;
                int inPage = (int) (at % PAGE_BYTES);
                int part = Math.min(source.remaining(), PAGE_BYTES - inPage);
                if (part == PAGE_BYTES && isZero(source)) {
                    source.position(source.position() + part);
                    pages.remove(number);
                    zeros.add(number);
                } else {
                    byte[] page = pages.get(number);
                    if (page == null) {
                        page = page(number, 0, PAGE_BYTES);
                        pages.put(number, page);
                    }
                    source.get(page, inPage, part);
                }
                at += part;
            }
            sizeBytes = Math.max(sizeBytes, at);
        }

        private static boolean isZero(ByteBuffer source) {
            for (int i = 0; i < PAGE_BYTES; i++) {
                if (source.get(source.position() + i) != 0) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void force() {}

        @Override
        public long size() throws IOException {
            open();
            return sizeBytes;
        }

        @Override
        public void truncate(long size) throws IOException {
            open();
            if (size >= sizeBytes) {
                return;
            }
            long last = size / PAGE_BYTES;
            int inLast = (int) (size % PAGE_BYTES);
            byte[] written = pages.get(last);
            if (written != null) {
                Arrays.fill(written, inLast, PAGE_BYTES, (byte) 0);
            }
            pages.tailMap(inLast == 0 ? last : last + 1, true).clear();
            shownBytes = Math.min(shownBytes, size);
            sizeBytes = size;
        }

        @Override
        public void close() throws IOException {
            StoredFile opened = original;
            original = null;
            if (opened != null) {
                opened.close();
            }
        }
    }
}
