package dev.lockstep.journal;

import dev.lockstep.core.port.DiskFullException;
import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.port.StoredFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// A directory of the file system, locked for as long as the store is open. The lock goes with the
/// process; the lock file stays and holds the number of the process that last had it.
public final class DirectoryStore implements FileStore, AutoCloseable {

    /// The lock file's name; not among those that [#list] returns.
    public static final String LOCK_FILE = "lock";

    private final Path directory;
    private final FileChannel lockChannel;

    private DirectoryStore(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
    }

    /// Opens a directory, creating it if need be, and locks it.
    ///
    /// @throws DirectoryInUseException if it is locked already
    /// @throws IOException with a sentence if it cannot be written to
    public static DirectoryStore open(Path directory) throws IOException {
        FileChannel channel;
        try {
            Files.createDirectories(directory);
            channel =
                    FileChannel.open(
                            directory.resolve(LOCK_FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(
                    "the directory " + directory + " is a file: choose another one", e);
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "the directory "
                            + directory
                            + " cannot be written to: give this user the right to, or choose"
                            + " another one",
                    e);
        } catch (IOException e) {
            throw unusable(directory, e);
        }
        try {
            lock(directory, channel);
            return new DirectoryStore(directory, channel);
        } catch (DirectoryInUseException | RuntimeException e) {
            channel.close();
            throw e;
        } catch (IOException e) {
            channel.close();
            throw unusable(directory, e);
        }
    }

    private static IOException unusable(Path directory, IOException e) {
        return new IOException(
                "the directory "
                        + directory
                        + " cannot be used ("
                        + reasonOf(e)
                        + "): repair it or choose another one",
                e);
    }

    /// Some exceptions have a path for a message, and most repeat it in theirs.
    private static String reasonOf(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "it does not exist and cannot be made";
            case FileSystemException named when named.getReason() != null -> named.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    private static void lock(Path directory, FileChannel channel) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            throw new DirectoryInUseException(
                    "the directory "
                            + directory
                            + " is in use by this process already: give each replica its own");
        }
        if (lock == null) {
            String owner = read(channel);
            throw new DirectoryInUseException(
                    "the directory "
                            + directory
                            + " is in use by another process"
                            + (owner.isEmpty() ? "" : " (" + owner + ")")
                            + ": stop it, or give each replica its own");
        }
        channel.truncate(0);
        String self = "pid " + ProcessHandle.current().pid() + "\n";
        channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(64);
        channel.read(text, 0);
        return StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            return found.filter(Files::isRegularFile)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> !name.equals(LOCK_FILE))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public StoredFile open(String name) throws IOException {
        Path path = directory.resolve(name);
        try {
            FileChannel channel =
                    FileChannel.open(
                            path,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            return new DirectoryFile(this, path, channel);
        } catch (IOException e) {
            throw asDiskFull(e, path, 0);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Path path = directory.resolve(from);
        try {
            Files.move(
                    path,
                    directory.resolve(to),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw asDiskFull(e, path, 0);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }

    @Override
    public void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes() {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            // Not known: then the write itself will tell.
            return Long.MAX_VALUE;
        }
    }

    /// Unlocks the directory. Open files stay open.
    @Override
    public void close() throws IOException {
        lockChannel.close();
    }

    /// The exception that says so if `e` means that the disk or the quota is exhausted, which the
    /// platform tells only in words; otherwise `e`.
    IOException asDiskFull(IOException e, Path file, long bytes) {
        String message = e.getMessage();
        String lower = message == null ? "" : message.toLowerCase(Locale.ROOT);
        if (!lower.contains("no space left")
                && !lower.contains("quota exceeded")
                && !lower.contains("not enough space")) {
            return e;
        }
        DiskFullException full =
                new DiskFullException(
                        "the disk is full: writing "
                                + bytes
                                + " bytes to "
                                + file
                                + " failed, "
                                + usableBytes()
                                + " bytes are free");
        full.initCause(e);
        return full;
    }

    /// A file by way of its channel. Reads and writes may go on at the same time.
    private static final class DirectoryFile implements StoredFile {

        /// The platform copies what is in heap buffers to direct ones and keeps those, so that
        /// their size must be bounded.
        private static final int MAX_HEAP_BYTES = 1 << 20;

        private final DirectoryStore store;
        private final Path path;
        private final FileChannel channel;

        DirectoryFile(DirectoryStore store, Path path, FileChannel channel) {
            this.store = store;
            this.path = path;
            this.channel = channel;
        }

        @Override
        public int read(long offset, ByteBuffer target) throws IOException {
            int done = 0;
            int limit = target.limit();
            while (target.position() < limit) {
                if (!target.isDirect()) {
                    target.limit(Math.min(limit, target.position() + MAX_HEAP_BYTES));
                }
                int read;
                try {
                    read = channel.read(target, offset + done);
                } finally {
                    target.limit(limit);
                }
                if (read < 0) {
                    break;
                }
                done += read;
            }
            return done;
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            int bytes = source.remaining();
            long at = offset;
            try {
                while (source.hasRemaining()) {
                    at += channel.write(source, at);
                }
            } catch (IOException e) {
                throw store.asDiskFull(e, path, bytes);
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }
}
