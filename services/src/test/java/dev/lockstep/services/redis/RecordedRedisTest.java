package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The port says what a real Redis 7.0 has said to thousands of random commands, byte for byte.
/// `-Drecorded.rewrite=true` records the files in `src/test/resources/recorded` again from the
/// `redis-server` on the `PATH`.
///
/// Lines: `#` comment; `0>` and `1>` what the first and the second connection ask; `<` the reply.
final class RecordedRedisTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/recorded");

    /// So many commands are in each file.
    private static final int COMMANDS = 3_000;

    private static final long SEED = 20_26;
    private static final Pattern VERSION = Pattern.compile("redis_version:(7\\.0\\.\\d+)");
    private static final Pattern RECORDED_AT = Pattern.compile("# Recorded at (\\d+) ms.*");

    @ParameterizedTest
    @ValueSource(strings = {"2", "3"})
    void saysWhatRedisHasSaid(String version) throws IOException {
        Path file = DIRECTORY.resolve("resp" + version + ".txt");
        if (Boolean.getBoolean("recorded.rewrite")) {
            Files.createDirectories(DIRECTORY);
            Files.write(file, record(version));
        }
        List<String> lines = Files.readAllLines(file);
        Comparison comparison = new Comparison(System.currentTimeMillis() - recordedAt(lines));
        int compared = 0;
        try (LocalPort local = LocalPort.start();
                RandomConversation.Pair ours = new RandomConversation.Pair(local.port(), version)) {
            local.gateway(LocalGateway::prompt);
            String asked = "";
            for (String line : lines) {
                if (line.matches("[01]> .*")) {
                    assertThat(asked).as("without a reply in %s", file).isEmpty();
                    asked = line;
                } else if (line.startsWith("< ")) {
                    String[] words = Escapes.words(asked.substring(3));
                    int connection = asked.charAt(0) - '0';
                    String expected = unescape(line.substring(2));
                    String actual = ours.ask(new RandomConversation.Question(connection, words));
                    if (!comparison.isSame(words, expected, actual)) {
                        assertThat(actual).as("%s in %s", asked, file).isEqualTo(expected);
                    }
                    compared++;
                    asked = "";
                } else {
                    assertThat(line).as("a line of %s", file).startsWith("#");
                }
            }
        }
        assertThat(compared).isEqualTo(COMMANDS);
    }

    private static long recordedAt(List<String> lines) {
        for (String line : lines) {
            Matcher matcher = RECORDED_AT.matcher(line);
            if (matcher.matches()) {
                return Long.parseLong(matcher.group(1));
            }
        }
        throw new IllegalStateException("the file does not say when it was recorded");
    }

    private static List<String> record(String version) throws IOException {
        List<String> lines = new ArrayList<>();
        try (RealRedis real = RealRedis.start(RealRedis.program().orElseThrow());
                RandomConversation.Pair theirs = new RandomConversation.Pair(real.port(), version);
                RespClient asker = new RespClient(real.port())) {
            Matcher found = VERSION.matcher(asker.ask("INFO", "server"));
            if (!found.find()) {
                throw new IllegalStateException("record from a redis-server 7.0");
            }
            lines.add("# What Redis %s says in RESP%s.".formatted(found.group(1), version));
            lines.add(
                    "# Recorded at %d ms since 1970 by RecordedRedisTest, which says how to do it again."
                            .formatted(System.currentTimeMillis()));
            RandomConversation conversation = new RandomConversation(SEED);
            for (int i = 0; i < COMMANDS; i++) {
                RandomConversation.Question question = conversation.next();
                lines.add(question.connection() + "> " + Escapes.line(question.words()));
                lines.add("< " + Escapes.escape(theirs.ask(question)));
            }
        }
        return lines;
    }

    /// The opposite of [Escapes#escape].
    private static String unescape(String text) {
        String line = '"' + text.replace("\"", "\\\"") + '"';
        return Escapes.words(line)[0];
    }
}
