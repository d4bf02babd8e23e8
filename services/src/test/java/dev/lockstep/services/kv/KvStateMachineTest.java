package dev.lockstep.services.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

final class KvStateMachineTest {

    private static final KvReply OK = new KvReply.Text("OK");
    private static final KvReply NOTHING = new KvReply.Nothing();

    private final LocalStore store = new LocalStore();

    private static KvReply value(String text) {
        return new KvReply.Value(text.getBytes(StandardCharsets.UTF_8));
    }

    private static KvReply number(long value) {
        return new KvReply.Number(value);
    }

    @Test
    void aValueThatWasSetIsThere() {
        assertThat(store.run("SET", "k", "v")).isEqualTo(OK);
        assertThat(store.run("GET", "k")).isEqualTo(value("v"));
        assertThat(store.run("GET", "other")).isEqualTo(NOTHING);
    }

    @Test
    void aCommandIsDescribedAsItIsTyped() {
        assertThat(described(KvCommands.of("set", "a", "1").bytes())).isEqualTo("SET a 1");
        assertThat(described(KvCommands.of("SET", "a b", "\"\n").bytes()))
                .isEqualTo("SET \"a b\" \"\\\"\\x0a\"");
        assertThat(described(KvCommands.of("SET", "", "x".repeat(65)).bytes()))
                .isEqualTo("SET \"\" " + "x".repeat(64) + "… (65 bytes)");
        byte[] key = {'k'};
        CommandWriter transaction =
                new CommandWriter()
                        .transaction(1)
                        .watched(key, 7)
                        .commands(2)
                        .part(CommandTable.GET, 1)
                        .argument(key, 0, 1)
                        .part(CommandTable.GET, 1)
                        .argument(key, 0, 1);
        assertThat(described(transaction.toByteArray()))
                .isEqualTo("WATCH k; MULTI; GET k; GET k; EXEC");
        byte[] whole = KvCommands.of("SET", "a", "1").bytes();
        for (int size = 0; size < whole.length; size++) {
            assertThat(described(Arrays.copyOf(whole, size))).isEmpty();
        }
    }

    private static String described(byte[] command) {
        return new KvStateMachine().describe(ByteBuffer.wrap(command));
    }

    @Test
    void aKeyIsThereInTheLastMillisecondOfItsLifeAndGoneAfterIt() {
        store.timeIs(1_000_000);
        store.run("SET", "k", "v", "PX", "100");
        store.timeIs(1_000_100);
        assertThat(store.run("GET", "k")).isEqualTo(value("v"));
        assertThat(store.run("PTTL", "k")).isEqualTo(number(0));
        assertThat(store.machine().nextDeadlineNanos()).isEqualTo(1_000_101_000_000L);
        store.timeIs(1_000_101);
        assertThat(store.run("GET", "k")).isEqualTo(NOTHING);
        assertThat(store.run("DBSIZE")).isEqualTo(number(0));
        assertThat(store.machine().nextDeadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anyKeyCanBeTheRandomOne() {
        assertThat(store.run("RANDOMKEY")).isEqualTo(NOTHING);
        for (int i = 0; i < 100; i++) {
            store.run("SET", "key" + i, "v");
        }
        assertThat(IntStream.range(0, 5_000).mapToObj(i -> store.run("RANDOMKEY")).distinct())
                .hasSize(100);
    }

    @Test
    void nativeRequestsAreAnsweredAsTheyAreToRedis() {
        byte[] key = {'n'};
        assertThat(KvReply.decode(store.command(KvCommands.incrBy(key, 41)))).isEqualTo(number(41));
        assertThat(KvReply.isOk(store.command(KvCommands.set(key, new byte[128])))).isTrue();
        assertThat(KvReply.decode(store.query(KvCommands.get(key))).bytes()).hasSize(128);
        assertThat(KvReply.decode(store.command(KvCommands.del(key)))).isEqualTo(number(1));
        assertThat(KvReply.decode(store.query(KvCommands.set(key, key))))
                .isEqualTo(
                        new KvReply.Failure("ERR 'set' must be sent as a command, not as a query"));
    }

    @Test
    void keysAreFoundByPattern() {
        store.run("MSET", "a1", "x", "a2", "x", "b", "x");
        KvReply.Items items = (KvReply.Items) store.run("KEYS", "a*");
        assertThat(items.items())
                .containsExactlyInAnyOrderElementsOf(List.of(value("a1"), value("a2")));
    }

    private byte[] transaction(String watchedKey, long version, String... words) {
        CommandWriter parts = new CommandWriter();
        byte[][] arguments = new byte[words.length - 1][];
        for (int i = 1; i < words.length; i++) {
            arguments[i - 1] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        parts.clear().part(CommandTable.require(words[0]), arguments.length);
        for (byte[] argument : arguments) {
            parts.argument(argument, 0, argument.length);
        }
        return new CommandWriter()
                .transaction(1)
                .watched(watchedKey.getBytes(StandardCharsets.UTF_8), version)
                .commands(1)
                .raw(parts)
                .toByteArray();
    }

    private long versionOf(String key) {
        KvReply.Items items = (KvReply.Items) store.run("WATCH", key);
        return ((KvReply.Number) items.items().getFirst()).value();
    }

    @Test
    void aTransactionFailsWhenAWatchedKeyHasChangedInAnyWay() {
        store.timeIs(1_000_000);
        for (String[] change :
                new String[][] {
                    {"SET", "k", "w"}, {"EXPIRE", "k", "100"}, {"DEL", "k"}, {"FLUSHALL"}
                }) {
            store.run("SET", "k", "v");
            long version = versionOf("k");
            store.run(change);
            assertThat(KvReply.decode(store.command(transaction("k", version, "set", "x", "1"))))
                    .as(String.join(" ", change))
                    .isEqualTo(NOTHING);
        }
        assertThat(store.run("GET", "x")).isEqualTo(NOTHING);
    }

    @Test
    void aTransactionFailsWhenAWatchedKeyWasMadeAndRemoved() {
        long version = versionOf("k");
        store.run("SET", "k", "v");
        store.run("DEL", "k");
        assertThat(KvReply.decode(store.command(transaction("k", version, "set", "x", "1"))))
                .isEqualTo(NOTHING);
        version = versionOf("k");
        store.run("SET", "other", "v");
        store.run("FLUSHALL");
        assertThat(KvReply.decode(store.command(transaction("k", version, "set", "x", "1"))))
                .isEqualTo(new KvReply.Items(List.of(OK)));
    }

    @Test
    void aTransactionFailsWhenAWatchedKeyHasExpired() {
        store.timeIs(1_000_000);
        store.run("SET", "k", "v", "PX", "10");
        long version = versionOf("k");
        store.timeIs(1_000_011);
        assertThat(KvReply.decode(store.command(transaction("k", version, "set", "x", "1"))))
                .isEqualTo(NOTHING);
    }

    @Test
    void aTransactionWithAnUnknownCommandChangesNothing() {
        byte[] request = transaction("k", versionOf("k"), "set", "x", "1");
        byte[] two = Arrays.copyOf(request, request.length + 2);
        // The number of commands: after version, form, count, key of one byte, its version.
        two[2 + 1 + 2 + 8] = 2;
        two[request.length] = 0x7f;
        assertThat(KvReply.decode(store.command(two)))
                .isEqualTo(
                        new KvReply.Failure(
                                "ERR malformed request: the code of a command is not known"));
        assertThat(store.run("GET", "x")).isEqualTo(NOTHING);
    }

    @Test
    void aQueryDoesNotSeeAKeyWhoseTimeHasCome() {
        store.timeIs(1_000_000);
        store.run("SET", "k", "v", "PX", "10");
        store.passWithoutDeadline(1_000_011);
        assertThat(store.run("GET", "k")).isEqualTo(NOTHING);
        assertThat(store.run("EXISTS", "k")).isEqualTo(number(0));
    }

    @Test
    void aReplyThatIsTooLargeIsAnError() {
        String value = "x".repeat(5 << 20);
        store.run("SET", "a", value);
        assertThat(store.run("MGET", "a", "a"))
                .isInstanceOfSatisfying(
                        KvReply.Failure.class,
                        failure -> assertThat(failure.text()).startsWith("ERR the reply has"));
        assertThat(store.run("APPEND", "a", value))
                .isEqualTo(
                        new KvReply.Failure(
                                "ERR the value would have 10485760 bytes, this cluster takes at most"
                                        + " 8387584; see max-value-bytes"));
    }

    @Test
    void unknownOptionsAndValuesAreRefusedInASentence() {
        assertThat(KvOptions.of(new TreeMap<>(Map.of("max-value-bytes", "5B"))))
                .isEqualTo(new KvOptions(5));
        for (var wrong :
                List.of(
                        Map.entry("max-value-byte", "5"),
                        Map.entry("max-value-bytes", "x"),
                        Map.entry("max-value-bytes", "5"),
                        Map.entry("max-value-bytes", "32MiB"),
                        Map.entry("max-value-bytes", "0"))) {
            assertThatThrownBy(() -> KvOptions.of(new TreeMap<>(Map.ofEntries(wrong))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong.getKey());
        }
    }

    @Test
    void bytesThatAreNotAStateAreRefused() {
        store.run("SET", "k", "v");
        byte[] bytes = store.stateBytes();
        for (int cut = 0; cut < bytes.length; cut++) {
            byte[] part = Arrays.copyOf(bytes, cut);
            assertThatThrownBy(() -> new KvStateMachine().restore(new ByteArrayInputStream(part)))
                    .isInstanceOf(IOException.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> new KvStateMachine().restore(new ByteArrayInputStream(longer)))
                .isInstanceOf(IOException.class);
    }

    /// Frozen bytes: a change of the layout is a new version.
    @Test
    void theBytesOfAStateAreWhatTheyWere() {
        store.timeIs(1_000_000);
        store.run("SET", "key", "value", "PX", "500");
        store.run("SET", "gone", "x");
        store.run("DEL", "gone");
        assertThat(HexFormat.of().formatHex(store.stateBytes())).isEqualTo(STATE);
    }

    private static final String STATE =
            "4c4b560100000000000000030000000100008db400000000000000030000000000000001000000036b6579000000000576616c756500000000000f44340000000000000001";
}
