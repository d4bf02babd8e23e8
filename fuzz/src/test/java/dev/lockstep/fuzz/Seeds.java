package dev.lockstep.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Files of seeds, one a line: a name, a tab, the bytes as text. What is not printable ASCII is
/// written `\xNN`, a backslash `\\`, line ends and tabs `\n`, `\r`, `\t`.
final class Seeds {

    private static final Path FOLDER = Path.of("src/test/resources/seeds");

    private Seeds() {}

    /// Real encodings, which [SeedsTest] writes.
    static Path generated(Target target) {
        return FOLDER.resolve(target.name() + ".seeds");
    }

    /// What fuzzing found once, kept by hand.
    static Path findings(Target target) {
        return FOLDER.resolve(target.name() + ".findings");
    }

    /// All committed seeds of a target.
    static Map<String, byte[]> of(Target target) throws IOException {
        Map<String, byte[]> seeds = new LinkedHashMap<>(read(generated(target)));
        seeds.putAll(read(findings(target)));
        return seeds;
    }

    static Map<String, byte[]> read(Path file) throws IOException {
        Map<String, byte[]> seeds = new LinkedHashMap<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                int tab = line.indexOf('\t');
                if (tab < 1 || seeds.put(line.substring(0, tab), bytes(line, tab + 1)) != null) {
                    throw new IOException(file + ": not a seed, or there twice: " + line);
                }
            }
        }
        return seeds;
    }

    static void write(Path file, Map<String, byte[]> seeds) throws IOException {
        StringBuilder text = new StringBuilder();
        seeds.forEach((name, bytes) -> text.append(line(name, bytes)).append('\n'));
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }

    static String line(String name, byte[] bytes) {
        StringBuilder line = new StringBuilder(name).append('\t');
        for (byte b : bytes) {
            switch (b) {
                case '\\' -> line.append("\\\\");
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (b >= ' ' && b <= '~') {
                        line.append((char) b);
                    } else {
                        line.append("\\x%02x".formatted(b & 0xff));
                    }
                }
            }
        }
        return line.toString();
    }

    private static byte[] bytes(String line, int from) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int at = from;
        while (at < line.length()) {
            char c = line.charAt(at++);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            switch (line.charAt(at++)) {
                case '\\' -> bytes.write('\\');
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 't' -> bytes.write('\t');
                case 'x' -> {
                    bytes.write(Integer.parseInt(line, at, at + 2, 16));
                    at += 2;
                }
                default -> throw new IllegalArgumentException("unknown escape in " + line);
            }
        }
        return bytes.toByteArray();
    }
}
