package dev.lockstep.cli.soak;

import dev.lockstep.cli.MemberPorts;
import dev.lockstep.cli.RedisConnection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// A Redis client of one replica, one call at a time, that connects again when the replica dies.
/// Its compare-and-set is `WATCH`, `GET`, `MULTI`, `SET`, `EXEC`.
final class RedisClient implements Runnable {

    private static final long PAUSE_NANOS = 5_000_000;
    private static final long RECONNECT_NANOS = 50_000_000;

    /// Error words that promise that nothing was executed.
    private static final List<String> NOT_EXECUTED = List.of("OVERLOADED", "TRYAGAIN");

    private final SoakLoad load;
    private final MemberPorts member;
    private final SplittableRandom random;
    private int issued;

    RedisClient(SoakLoad load, MemberPorts member, SplittableRandom random) {
        this.load = load;
        this.member = member;
        this.random = random;
    }

    /// A call that may fail half-way.
    private interface Asked {
        /// What it returned; null if it had no effect.
        @Nullable String result() throws IOException;
    }

    @Override
    public void run() {
        while (!load.isStopping()) {
            try (RedisConnection redis = new RedisConnection(member.host(), member.redis())) {
                while (!load.isStopping()) {
                    issue(redis);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (RedisConnection.ErrorReply refused) {
                // After an error in the middle of a transaction a new connection is the way out.
                LockSupport.parkNanos(RECONNECT_NANOS);
            } catch (IOException gone) {
                LockSupport.parkNanos(RECONNECT_NANOS);
            }
        }
    }

    private void issue(RedisConnection redis) throws IOException {
        issued++;
        int round = load.round();
        String text = Keys.text(round, random);
        String value = "r" + member.id() + "." + issued;
        switch (random.nextInt(5)) {
            case 0 -> {
                String key = Keys.any(round, random);
                record(load.witness().invoke(0, key, "get", ""), () -> redis.ask("GET", key));
            }
            case 1 ->
                    record(
                            load.witness().invoke(0, text, "set", value),
                            () -> redis.ask("SET", text, value).equals("OK") ? "ok" : "not OK");
            case 2 -> {
                String key = Keys.count(round, random);
                record(
                        load.witness().invoke(0, key, "add", "10"),
                        () -> redis.ask("INCRBY", key, "10"));
            }
            default -> compareAndSet(redis, text, value);
        }
    }

    /// `EXEC` answers nothing if the key was touched after `WATCH`; values never come back, so that
    /// the comparison would have failed as well, but a replica may also give up for reasons of its
    /// own: nothing is claimed then.
    private void compareAndSet(RedisConnection redis, String key, String value) throws IOException {
        redis.ask("WATCH", key);
        String old = redis.ask("GET", key);
        record(
                load.witness().invoke(0, key, "cas", old + " " + value),
                () -> {
                    String done =
                            redis.askAll(
                                            List.of(
                                                    List.of("MULTI"),
                                                    List.of("SET", key, value),
                                                    List.of("EXEC")))
                                    .getLast();
                    return done.equals(RedisConnection.NOTHING) ? null : "ok";
                });
    }

    private void record(Witness.Call call, Asked asked) throws IOException {
        try {
            String result = asked.result();
            if (result == null) {
                call.hadNoEffect();
            } else {
                call.returned(result);
            }
            load.answers().onAnswer();
        } catch (RedisConnection.ErrorReply refused) {
            if (NOT_EXECUTED.contains(refused.code())) {
                call.hadNoEffect();
            } else {
                call.lost();
            }
            throw refused;
        } catch (IOException gone) {
            call.lost();
            throw gone;
        }
    }
}
