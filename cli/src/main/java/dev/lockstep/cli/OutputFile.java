package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import java.nio.file.Files;
import java.nio.file.Path;

/// A file that a command is to write when it has done what may take long.
public final class OutputFile {

    private OutputFile() {}

    /// Refuses, before anything is done in vain, what cannot be written.
    ///
    /// @param what the file is, such as `the diagram`
    /// @param file null if there is none
    /// @throws OperatorException if it cannot be written
    public static void check(String what, @Nullable Path file) {
        if (file == null) {
            return;
        }
        String obstacle = obstacle(file);
        if (obstacle != null) {
            throw new OperatorException(
                    "%s cannot be written to %s: %s".formatted(what, file, obstacle));
        }
    }

    private static @Nullable String obstacle(Path file) {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || Files.isDirectory(file)) {
            return "it is a directory";
        }
        if (!Files.isDirectory(directory)) {
            return "there is no directory " + directory;
        }
        return Files.isWritable(Files.exists(file) ? file : directory) ? null : "access is denied";
    }
}
