package dev.lockstep.cli.soak;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.cli.Reason;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Where one run keeps everything: `cluster.yaml`, the replicas' `data` and `log`, their `clock`
/// offsets, a `copy` of data that is about to be damaged, and after a violation `history.txt` and
/// `violation.txt`. Used by one process at a time.
///
/// `clock` tells that a soak made the directory: nobody else has one, and it is made first and
/// never removed. Without it, what has the names of ours is somebody's cluster.
final class RunDirectory implements AutoCloseable {

    private static final List<String> WIPED = List.of("data", "log", "copy", "cluster.yaml");

    private final Path root;
    private final FileChannel lock;

    /// Takes the directory, and removes what a run without a violation left there.
    ///
    /// @throws OperatorException if another process has it, or it holds the evidence of a violation
    ///     or what no soak has made
    RunDirectory(Path root) {
        this.root = root;
        requireOurs();
        try {
            Files.createDirectories(root);
            lock = lock(root);
        } catch (IOException e) {
            throw new OperatorException("cannot write to " + root + ": " + Reason.of(e), e);
        }
        if (Files.exists(violation())) {
            close();
            throw new OperatorException(
                    root
                            + " holds the evidence of a violation: move it away, or name another"
                            + " directory with --directory");
        }
        wipe();
    }

    private void requireOurs() {
        if (Files.exists(clocks())) {
            return;
        }
        for (String name : WIPED) {
            if (Files.exists(root.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                throw new OperatorException(
                        "%s is not of a soak, which would remove it: name another directory with --directory"
                                .formatted(root.resolve(name)));
            }
        }
    }

    private static FileChannel lock(Path root) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // By this process itself.
        }
        channel.close();
        throw new OperatorException(
                "another soak runs on "
                        + root
                        + ": stop it first, or name another directory with --directory");
    }

    Path clusterFile() {
        return root.resolve("cluster.yaml");
    }

    Path data() {
        return root.resolve("data");
    }

    Path data(int id) {
        return data().resolve(Integer.toString(id));
    }

    Path log() {
        return root.resolve("log");
    }

    Path log(int id) {
        return log().resolve("replica-" + id + ".log");
    }

    Path clock(int id) {
        return clocks().resolve(Integer.toString(id));
    }

    private Path clocks() {
        return root.resolve("clock");
    }

    Path copy(int id) {
        return root.resolve("copy").resolve(Integer.toString(id));
    }

    Path history() {
        return root.resolve("history.txt");
    }

    Path violation() {
        return root.resolve("violation.txt");
    }

    /// Removes the replicas' data, which nobody wants after a run that went well.
    void removeData() {
        try {
            delete(data());
            delete(root.resolve("copy"));
        } catch (IOException e) {
            throw new OperatorException("cannot clean " + root + ": " + Reason.of(e), e);
        }
    }

    private void wipe() {
        try {
            Files.createDirectories(clocks());
            empty(clocks());
            for (String name : WIPED) {
                delete(root.resolve(name));
            }
        } catch (IOException e) {
            throw new OperatorException("cannot wipe " + root + ": " + Reason.of(e), e);
        }
    }

    /// Deletes a directory and everything in it; nothing if it is not there.
    static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /// Deletes what is in a directory, and keeps the directory.
    static void empty(Path directory) throws IOException {
        try (Stream<Path> children = Files.list(directory)) {
            for (Path child : children.toList()) {
                delete(child);
            }
        }
    }

    /// Makes the files of a flat directory the same as those of another.
    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        empty(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(String.valueOf(file.getFileName())),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new OperatorException("cannot unlock " + root + ": " + Reason.of(e), e);
        }
    }
}
