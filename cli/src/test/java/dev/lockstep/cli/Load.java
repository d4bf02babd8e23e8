package dev.lockstep.cli;

import dev.lockstep.testkit.history.HistoryRecorder;
import dev.lockstep.testkit.history.Operation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Clients that write and read without pause while replicas die, and write down what they saw.
final class Load implements AutoCloseable {

    /// Which round it is, part of the keys' names: so no key's history grows without bound.
    private volatile int round;

    private volatile boolean stopping;

    private final HistoryRecorder history = new HistoryRecorder();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final List<SessionLoad> sessions = new ArrayList<>();
    private final LocalCluster cluster;

    Load(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /// Starts `sessions` clients of Lockstep's own and one Redis client for each replica.
    void start(int sessionCount, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 1; i <= sessionCount; i++) {
            SessionLoad session = new SessionLoad(this, i, random.split());
            sessions.add(session);
            threads.add(Thread.ofPlatform().name("session-" + i).start(session));
        }
        for (int id = 1; id <= cluster.members().size(); id++) {
            RedisLoad redis = new RedisLoad(this, id, random.split());
            threads.add(Thread.ofPlatform().name("redis-" + id).start(redis));
        }
    }

    LocalCluster cluster() {
        return cluster;
    }

    HistoryRecorder history() {
        return history;
    }

    List<Operation> operations() {
        return history.operations();
    }

    int round() {
        return round;
    }

    void beginRound(int number) {
        round = number;
    }

    boolean isStopping() {
        return stopping;
    }

    void onAcknowledged() {
        acknowledged.incrementAndGet();
    }

    /// Operations whose outcome is known, so far.
    int acknowledged() {
        return acknowledged.get();
    }

    List<SessionLoad> sessions() {
        return sessions;
    }

    /// Stops and waits until every outcome is known, or known to be unknown.
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        stopping = true;
        threads.forEach(Thread::interrupt);
    }
}
