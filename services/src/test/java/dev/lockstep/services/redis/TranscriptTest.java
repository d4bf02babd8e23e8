package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The port says what Redis 7.0 has said. The transcripts in `src/test/resources/transcripts` were
/// recorded from a `redis-server`; `-Dtranscripts.rewrite=true` records them again from the one on
/// the `PATH`, and the difference is for review.
///
/// Lines: `#` comment; `>` words to send, quoted as in an inline command; `2>` the same from a
/// second connection; `raw n>` bytes to send, n replies; `end>` bytes to send on a connection of
/// its own, read to its end; `<` a line of the reply.
final class TranscriptTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/transcripts");

    /// What the port says, for a look at the difference.
    private static final Path ACTUAL = Path.of("target/transcripts");

    @ParameterizedTest
    @ValueSource(strings = {"strings", "keys", "expiry", "transactions", "connection", "protocol"})
    void saysWhatRedisHasSaid(String name) throws IOException {
        Path file = DIRECTORY.resolve(name + ".txt");
        List<String> lines = Files.readAllLines(file);
        if (Boolean.getBoolean("transcripts.rewrite")) {
            try (RealRedis real = RealRedis.start(RealRedis.program().orElseThrow())) {
                Files.write(file, record(lines, real.port()));
            }
        }
        List<String> expected = Files.readAllLines(file);
        try (LocalPort local = LocalPort.start()) {
            List<String> actual = record(lines, local.port());
            Files.createDirectories(ACTUAL);
            Files.write(ACTUAL.resolve(name + ".txt"), actual);
            assertThat(actual)
                    .as("diff %s %s", file, ACTUAL.resolve(name + ".txt"))
                    .isEqualTo(expected);
        }
    }

    private static List<String> record(List<String> script, int port) throws IOException {
        List<String> transcript = new ArrayList<>();
        try (RespClient first = new RespClient(port);
                RespClient second = new RespClient(port)) {
            for (String line : script) {
                if (line.startsWith("<")) {
                    continue;
                }
                transcript.add(line);
                if (line.startsWith("> ")) {
                    addReply(transcript, first.ask(Escapes.words(line.substring(2))));
                } else if (line.startsWith("2> ")) {
                    addReply(transcript, second.ask(Escapes.words(line.substring(3))));
                } else if (line.startsWith("raw ")) {
                    first.send(unescape(line.substring(line.indexOf('>') + 2)));
                    for (int left = line.charAt(4) - '0'; left > 0; left--) {
                        addReply(transcript, first.read());
                    }
                } else if (line.startsWith("end> ")) {
                    try (RespClient own = new RespClient(port)) {
                        own.send(unescape(line.substring(5)));
                        addReply(transcript, own.readToEnd());
                    }
                }
            }
        }
        return transcript;
    }

    /// As lines, without what differs from one connection to the next.
    private static void addReply(List<String> transcript, String reply) {
        String stable = reply.replaceFirst("\\$2\r\nid\r\n:\\d+", "\\$2\r\nid\r\n:<number>");
        for (String line : stable.split("(?<=\n)", -1)) {
            if (!line.isEmpty()) {
                transcript.add("< " + Escapes.escape(line).replaceFirst("\\\\r\\\\n$", ""));
            }
        }
    }

    /// `\r`, `\n` and `\xNN`; any other backslash stands for itself.
    private static String unescape(String text) {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
            if (c == '\\' && next == 'r') {
                bytes.append('\r');
                i++;
            } else if (c == '\\' && next == 'n') {
                bytes.append('\n');
                i++;
            } else if (c == '\\' && next == 'x') {
                bytes.append((char) Integer.parseInt(text.substring(i + 2, i + 4), 16));
                i += 3;
            } else {
                bytes.append(c);
            }
        }
        return bytes.toString();
    }
}
