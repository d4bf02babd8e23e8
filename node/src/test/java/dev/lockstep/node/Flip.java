package dev.lockstep.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// A bit of a file that is to be flipped.
///
/// @param isUsed false if the byte was zero, as in the part of a segment that holds no records yet
/// @param was the byte before
/// @param life the incarnation that the directory held
record Flip(Path file, long offset, int bit, boolean isUsed, byte was, String life) {

    /// Most bytes of a segment may be zeros still: mostly another is drawn then.
    private static final int TRIES = 20;

    private static final int SEGMENT_HEADER_BYTES = 512;

    /// What a directory holds but for what was left of a former life, which nothing reads.
    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> !FormerLife.isAside(nameOf(file)))
                    .filter(file -> sizeOf(file) > 0)
                    .sorted()
                    .toList();
        }
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString();
    }

    private static long sizeOf(Path file) {
        return file.toFile().length();
    }

    static Flip draw(Path file, SplittableRandom random) throws IOException {
        byte[] content = Files.readAllBytes(file);
        boolean mayBeUnused = random.nextInt(10) == 0;
        int offset = random.nextInt(content.length);
        for (int i = 0; i < TRIES && !mayBeUnused && content[offset] == 0; i++) {
            offset = random.nextInt(content.length);
        }
        return new Flip(
                file,
                offset,
                random.nextInt(8),
                content[offset] != 0,
                content[offset],
                lifeBeside(file));
    }

    /// The identity file's text, but for the count of starts.
    private static String lifeBeside(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file.resolveSibling(IdentityFile.NAME))) {
            return lines.filter(line -> line.startsWith("incarnation")).findFirst().orElse("");
        }
    }

    void strike() throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(offset);
            int now = open.read();
            open.seek(offset);
            open.write(now ^ (1 << bit));
        }
    }

    /// What sort of file was hit.
    String sort() {
        String name = nameOf(file);
        if (name.startsWith("journal-")) {
            if (name.endsWith(".idx")) {
                return "index of a segment";
            }
            return offset < SEGMENT_HEADER_BYTES
                    ? "header of a segment"
                    : isUsed ? "records of a segment" : "zeros of a segment";
        }
        if (name.startsWith("snapshot-")) {
            return "snapshot";
        }
        return IdentityFile.isOne(name)
                ? "identity"
                : AddressFile.isOne(name)
                        ? "addresses"
                        : EvidenceBook.isOne(name) ? "evidence" : name;
    }

    /// What became of it.
    String outcome() throws IOException {
        if (!lifeBeside(file).equals(life)) {
            return "new life";
        }
        if (!Files.exists(file)) {
            return "file replaced or set aside";
        }
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            if (offset >= open.length()) {
                return "file replaced or set aside";
            }
            open.seek(offset);
            byte now = (byte) open.read();
            if (now == was) {
                return "put right";
            }
            if (now == (byte) (was ^ (1 << bit))) {
                return "not needed";
            }
            return now == 0 && sort().equals("records of a segment")
                    ? "cut as a torn tail"
                    : "file replaced or set aside";
        }
    }
}
