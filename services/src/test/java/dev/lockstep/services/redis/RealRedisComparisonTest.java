package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The port and a real Redis are told the same, and say the same, byte for byte. Where there is no
/// `redis-server`, [RecordedRedisTest] compares with what one has said.
final class RealRedisComparisonTest {

    /// Set `-Dredis.commands=N` for more.
    private static final int COMMANDS = Integer.getInteger("redis.commands", 20_000);

    private static final long SEED = Long.getLong("redis.seed", 1);

    /// Set `-Dredis.differences=N` to see more of them at once.
    private static final int MOST_DIFFERENCES = Integer.getInteger("redis.differences", 1);

    @ParameterizedTest
    @ValueSource(strings = {"2", "3"})
    void saysWhatRedisSays(String version) throws IOException {
        Optional<Path> program = RealRedis.program();
        assumeTrue(program.isPresent(), "there is no redis-server on the PATH");
        List<String> differences = new ArrayList<>();
        int compared = 0;
        try (RealRedis real = RealRedis.start(program.get());
                LocalPort local = LocalPort.start();
                RandomConversation.Pair theirs = new RandomConversation.Pair(real.port(), version);
                RandomConversation.Pair ours = new RandomConversation.Pair(local.port(), version)) {
            local.gateway(LocalGateway::prompt);
            RandomConversation conversation = new RandomConversation(SEED);
            Comparison comparison = new Comparison(0);
            List<String> said = new ArrayList<>();
            while (compared < COMMANDS && differences.size() < MOST_DIFFERENCES) {
                RandomConversation.Question question = conversation.next();
                said.add(question.connection() + "> " + Escapes.line(question.words()));
                String expected = theirs.ask(question);
                String actual = ours.ask(question);
                if (!comparison.isSame(question.words(), expected, actual)) {
                    differences.add(
                            "after %s%n  Redis says %s%n  the port %s%n"
                                    .formatted(
                                            tail(said),
                                            Escapes.escape(expected),
                                            Escapes.escape(actual)));
                }
                compared++;
            }
        }
        assertThat(differences).as("seed %d", SEED).isEmpty();
        assertThat(compared).isEqualTo(COMMANDS);
    }

    private static List<String> tail(List<String> said) {
        return said.subList(Math.max(0, said.size() - 12), said.size());
    }
}
