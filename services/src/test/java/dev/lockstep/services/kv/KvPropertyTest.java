package dev.lockstep.services.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.api.FrozenState;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

final class KvPropertyTest {

    /// What a key has in the model: the obvious one, looked through from end to end for each
    /// question.
    private record Held(String value, long expiresAt) {

        boolean isGone(long now) {
            return expiresAt >= 0 && expiresAt < now;
        }
    }

    /// A store, a twin that is restored from the store's snapshot now and then, and the model.
    private static final class Trial {

        final LocalStore store = new LocalStore();
        final LocalStore twin = new LocalStore();
        final Map<String, Held> model = new TreeMap<>();
        long now = 1_000_000;

        void timeIs(long millis) {
            now = millis;
            store.timeIs(millis);
            twin.timeIs(millis);
            model.values().removeIf(held -> held.isGone(now));
        }

        KvReply run(String... words) {
            KvCommands.Request request = KvCommands.of(words);
            KvReply reply = store.run(request);
            assertThat(twin.run(request)).as(Arrays.toString(words)).isEqualTo(reply);
            return reply;
        }

        long soonest() {
            return model.values().stream()
                    .mapToLong(Held::expiresAt)
                    .filter(expiry -> expiry >= 0)
                    .min()
                    .orElse(Long.MAX_VALUE);
        }
    }

    @Property(tries = 60)
    void keysLiveAndDieAsInTheModel(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Trial trial = new Trial();
        trial.timeIs(trial.now);
        for (int i = 0; i < 400; i++) {
            step(trial, random, "k" + random.nextInt(20), Integer.toString(i));
            long soonest = trial.soonest();
            assertThat(trial.store.machine().nextDeadlineNanos())
                    .isEqualTo(
                            soonest == Long.MAX_VALUE ? Long.MAX_VALUE : (soonest + 1) * 1_000_000);
            if (random.nextInt(50) == 0) {
                trial.twin.restart();
            }
        }
        assertThat(trial.twin.stateBytes()).isEqualTo(trial.store.stateBytes());
        trial.twin.restart();
        assertThat(trial.twin.stateBytes()).isEqualTo(trial.store.stateBytes());
    }

    private static void step(Trial trial, SplittableRandom random, String key, String value) {
        Held held = trial.model.get(key);
        switch (random.nextInt(8)) {
            case 0 -> {
                trial.run("SET", key, value);
                trial.model.put(key, new Held(value, -1));
            }
            case 1 -> {
                int life = 1 + random.nextInt(100);
                trial.run("SET", key, value, "PX", Integer.toString(life));
                trial.model.put(key, new Held(value, trial.now + life));
            }
            case 2 -> {
                int life = random.nextInt(100);
                assertThat(trial.run("PEXPIRE", key, Integer.toString(life)))
                        .isEqualTo(new KvReply.Number(held == null ? 0 : 1));
                if (held != null && life == 0) {
                    trial.model.remove(key);
                } else if (held != null) {
                    trial.model.put(key, new Held(held.value(), trial.now + life));
                }
            }
            case 3 -> {
                trial.run("PERSIST", key);
                if (held != null) {
                    trial.model.put(key, new Held(held.value(), -1));
                }
            }
            case 4 -> {
                assertThat(trial.run("DEL", key))
                        .isEqualTo(new KvReply.Number(held == null ? 0 : 1));
                trial.model.remove(key);
            }
            case 5 ->
                    assertThat(trial.run("PTTL", key))
                            .isEqualTo(
                                    new KvReply.Number(
                                            held == null
                                                    ? -2
                                                    : held.expiresAt() < 0
                                                            ? -1
                                                            : held.expiresAt() - trial.now));
            case 6 -> trial.timeIs(trial.now + random.nextInt(40));
            default -> {
                assertThat(trial.run("GET", key))
                        .isEqualTo(
                                held == null
                                        ? new KvReply.Nothing()
                                        : new KvReply.Value(
                                                held.value().getBytes(StandardCharsets.UTF_8)));
                assertThat(trial.run("DBSIZE")).isEqualTo(new KvReply.Number(trial.model.size()));
            }
        }
    }

    @Property(tries = 30)
    void aFrozenStateIsNotChangedByWhatFollows(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        LocalStore store = new LocalStore();
        List<FrozenState> frozen = new ArrayList<>();
        List<byte[]> bytes = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            String key = "k" + random.nextInt(500);
            switch (random.nextInt(4)) {
                case 0 -> store.run("DEL", key);
                case 1 -> store.run("SET", key, "v" + i, "EX", "100");
                case 2 -> store.run("APPEND", key, "x");
                default -> store.run("SET", key, "v" + i);
            }
            if (random.nextInt(200) == 0) {
                frozen.add(store.machine().snapshot());
                bytes.add(LocalStore.bytesOf(frozen.getLast()));
            }
            if (random.nextInt(1_000) == 0) {
                store.run("FLUSHALL");
            }
        }
        for (int i = 0; i < frozen.size(); i++) {
            assertThat(LocalStore.bytesOf(frozen.get(i))).isEqualTo(bytes.get(i));
        }
    }

    /// Nothing that a client can send may make a replica throw, or two replicas differ.
    @Property(tries = 5_000)
    void anyBytesAreAnswered(@ForAll @Size(max = 60) byte[] bytes, @ForAll byte form) {
        LocalStore one = new LocalStore();
        LocalStore other = new LocalStore();
        byte[] request = Arrays.copyOf(bytes, bytes.length + 2);
        System.arraycopy(bytes, 0, request, 2, bytes.length);
        request[0] = form >= 0 ? 1 : form;
        request[1] = (byte) (1 + (form & 1));
        KvReply.decode(one.command(bytes));
        KvReply.decode(one.query(bytes));
        KvReply.decode(one.query(request));
        KvReply reply = KvReply.decode(one.command(request));
        other.command(bytes);
        assertThat(KvReply.decode(other.command(request))).isEqualTo(reply);
        assertThat(other.stateBytes()).isEqualTo(one.stateBytes());
    }

    @Property(tries = 2_000)
    void anyBytesAreARequestOrNot(@ForAll @Size(max = 100) byte[] bytes) {
        try {
            KvReply.decode(bytes);
        } catch (dev.lockstep.core.wire.MalformedException expected) {
            assertThat(expected).hasMessageNotContaining("null");
        }
    }
}
