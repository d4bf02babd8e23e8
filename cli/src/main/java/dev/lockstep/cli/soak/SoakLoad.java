package dev.lockstep.cli.soak;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Clients that write and read without pause, round by round, and write down what they saw.
///
/// Threading: one thread at a time; the clients have threads of their own.
final class SoakLoad implements AutoCloseable {

    /// So many answers show that a cluster goes on.
    private static final int PROGRESS = 200;

    private final SoakCluster cluster;
    private final int clients;
    private final SplittableRandom random;
    private final Answers answers = new Answers();
    private final List<SessionClient> sessions = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private volatile int round;
    private volatile boolean stopping;

    private final Witness witness = new Witness();

    /// What a client met that no client may meet; the first of it.
    private volatile @Nullable String trouble;

    SoakLoad(SoakCluster cluster, int clients, long seed) {
        this.cluster = cluster;
        this.clients = clients;
        this.random = new SplittableRandom(seed);
    }

    /// Starts every client on the keys of a round.
    void begin(int number) {
        round = number;
        stopping = false;
        witness.beginRound();
        answers.begin();
        for (int i = sessions.size() + 1; i <= clients; i++) {
            sessions.add(new SessionClient(this, cluster.replicas(), i, random.split()));
        }
        for (SessionClient session : sessions) {
            threads.add(Thread.ofPlatform().name("session").start(session));
        }
        for (SoakReplica replica : cluster.replicas()) {
            threads.add(
                    Thread.ofPlatform()
                            .name("redis")
                            .start(new RedisClient(this, replica.ports(), random.split())));
        }
    }

    /// Stops the clients and waits until every outcome is known, or known to stay unknown.
    void pause() throws InterruptedException {
        answers.end();
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        threads.clear();
    }

    /// Ends all sessions: the cluster they belong to is no more.
    ///
    /// @throws ViolationException as [#check]; the last operations on a key are checked only now
    void forget() throws ViolationException {
        closeSessions();
        witness.beginAnew();
        check();
    }

    private void closeSessions() {
        sessions.forEach(SessionClient::close);
        sessions.clear();
    }

    int round() {
        return round;
    }

    boolean isStopping() {
        return stopping;
    }

    Witness witness() {
        return witness;
    }

    Answers answers() {
        return answers;
    }

    void onTrouble(String sentence) {
        if (trouble == null) {
            trouble = sentence;
        }
    }

    /// @throws ViolationException if a client met what none may meet, or they saw what cannot be
    void check() throws ViolationException {
        String met = trouble;
        if (met != null) {
            throw new ViolationException(met);
        }
        witness.check();
    }

    /// Waits until a number of further operations is answered.
    ///
    /// @param when for the sentence if that does not happen
    void awaitProgress(String when) throws InterruptedException, ViolationException {
        long enough = answers.count() + PROGRESS;
        Patience.until(
                PROGRESS + " answers " + when,
                () -> {
                    check();
                    cluster.check();
                    return answers.count() >= enough;
                });
    }

    @Override
    public void close() {
        stopping = true;
        threads.forEach(Thread::interrupt);
        closeSessions();
    }
}
