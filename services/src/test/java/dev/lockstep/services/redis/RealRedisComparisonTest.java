package dev.lockstep.services.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/// The port and a real Redis are told the same, and say the same, byte for byte. Where there is no
/// `redis-server`, [TranscriptTest] has to do.
final class RealRedisComparisonTest {

    /// Set `-Dredis.commands=N` for more.
    private static final int COMMANDS = Integer.getInteger("redis.commands", 20_000);

    private static final long SEED = Long.getLong("redis.seed", 1);

    /// Times that two servers read off their clocks may differ by so much, in milliseconds.
    private static final long CLOCKS_APART = 3_000;

    private static final List<String> ABOUT_TIME =
            List.of("ttl", "pttl", "expiretime", "pexpiretime", "exec");
    private static final List<String> UNORDERED = List.of("keys", "scan", "exec", "randomkey");

    @Test
    void saysWhatRedisSaysInResp2() throws IOException {
        compare("2");
    }

    @Test
    void saysWhatRedisSaysInResp3() throws IOException {
        compare("3");
    }

    private static void compare(String version) throws IOException {
        Optional<Path> program = RealRedis.program();
        assumeTrue(program.isPresent(), "there is no redis-server on the PATH");
        try (RealRedis real = RealRedis.start(program.get());
                LocalPort local = LocalPort.start();
                RespClient theirs = new RespClient(real.port());
                RespClient ours = new RespClient(local.port());
                RespClient theirOther = new RespClient(real.port());
                RespClient ourOther = new RespClient(local.port())) {
            local.gateway(LocalGateway::prompt);
            theirs.ask("HELLO", version);
            ours.ask("HELLO", version);
            SplittableRandom random = new SplittableRandom(SEED);
            RandomCommands commands = new RandomCommands(random);
            boolean[] queueing = new boolean[2];
            List<String> all = new ArrayList<>(RandomCommands.KEYS);
            all.addFirst("EXISTS");
            String[] everything = all.toArray(new String[0]);
            List<String> said = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                String[] words = commands.next();
                boolean other = random.nextInt(10) == 0;
                String upper = words[0];
                if (upper.equals("MULTI") || upper.equals("EXEC") || upper.equals("DISCARD")) {
                    queueing[other ? 1 : 0] = upper.equals("MULTI");
                }
                if (queueing[other ? 1 : 0] && isNotComparable(words)) {
                    continue;
                }
                if (words[0].equals("DBSIZE")) {
                    // Redis counts keys whose time has passed until it meets them.
                    (other ? theirOther : theirs).ask(everything);
                    (other ? ourOther : ours).ask(everything);
                }
                said.add((other ? "other: " : "") + Arrays.toString(words));
                String expected = (other ? theirOther : theirs).ask(words);
                String actual = (other ? ourOther : ours).ask(words);
                String name = isNotComparable(words) ? "randomkey" : words[0];
                if (!isSame(name.toLowerCase(Locale.ROOT), expected, actual)) {
                    assertThat(actual)
                            .as("seed %d, after %s", SEED, tail(said))
                            .isEqualTo(expected);
                }
            }
        }
    }

    /// Which key is random and what a cursor in the middle means is for each server to say.
    private static boolean isNotComparable(String[] words) {
        return words[0].equals("RANDOMKEY")
                || (words[0].equals("SCAN") && words.length > 1 && !words[1].equals("0"));
    }

    private static List<String> tail(List<String> said) {
        return said.subList(Math.max(0, said.size() - 15), said.size());
    }

    private static boolean isSame(String name, String expected, String actual) {
        if (expected.equals(actual)) {
            return true;
        }
        if (name.equals("randomkey")) {
            return expected.charAt(0) == actual.charAt(0);
        }
        String[] left = expected.split("\r\n", -1);
        String[] right = actual.split("\r\n", -1);
        if (UNORDERED.contains(name)) {
            Arrays.sort(left);
            Arrays.sort(right);
        }
        if (left.length != right.length) {
            return false;
        }
        for (int i = 0; i < left.length; i++) {
            if (!left[i].equals(right[i])
                    && !(ABOUT_TIME.contains(name) && isNear(left[i], right[i]))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNear(String left, String right) {
        return left.startsWith(":")
                && right.startsWith(":")
                && Math.abs(Long.parseLong(left.substring(1)) - Long.parseLong(right.substring(1)))
                        <= CLOCKS_APART;
    }
}
