package dev.lockstep.cli;

import dev.lockstep.node.MemberConfig;
import dev.lockstep.testkit.history.HistoryRecorder;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// A Redis client of one replica, one call at a time, that connects again when the replica dies.
final class RedisLoad implements Runnable {

    private static final int KEYS = 4;
    private static final long PAUSE_NANOS = 1_000_000;
    private static final long RECONNECT_NANOS = 50_000_000;

    private final Load load;
    private final MemberConfig member;
    private final SplittableRandom random;

    RedisLoad(Load load, int id, SplittableRandom random) {
        this.load = load;
        this.member = load.cluster().member(id);
        this.random = random;
    }

    @Override
    public void run() {
        for (int i = 0; !load.isStopping(); i++) {
            try (RedisConnection redis =
                    new RedisConnection(
                            member.host(), member.gatewayPorts().getOrDefault("redis", 0))) {
                while (!load.isStopping()) {
                    ask(redis, i++);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException gone) {
                // The replica was killed, or is not back yet; the call's outcome stays unknown.
                LockSupport.parkNanos(RECONNECT_NANOS);
            }
        }
    }

    private void ask(RedisConnection redis, int i) throws IOException {
        String suffix = load.round() + "-" + random.nextInt(KEYS);
        String text = "text-" + suffix;
        String count = "count-" + suffix;
        switch (random.nextInt(3)) {
            case 0 -> {
                String key = random.nextBoolean() ? text : count;
                HistoryRecorder.Call call = load.history().invoke(0, key, "get", "");
                returned(call, redis.ask("GET", key));
            }
            case 1 -> {
                String value = "r" + member.id() + "/" + i;
                HistoryRecorder.Call call = load.history().invoke(0, text, "set", value);
                returned(call, redis.ask("SET", text, value).equals("OK") ? "ok" : "not OK");
            }
            default -> {
                HistoryRecorder.Call call = load.history().invoke(0, count, "add", "2");
                returned(call, redis.ask("INCRBY", count, "2"));
            }
        }
    }

    private void returned(HistoryRecorder.Call call, String result) {
        call.returned(result);
        load.onAcknowledged();
    }
}
