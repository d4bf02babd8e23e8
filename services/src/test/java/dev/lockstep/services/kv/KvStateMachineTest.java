package dev.lockstep.services.kv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;

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
        assertThat(
                        java.util.stream.IntStream.range(0, 5_000)
                                .mapToObj(i -> store.run("RANDOMKEY"))
                                .distinct())
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
}
