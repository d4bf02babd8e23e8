package dev.lockstep.node;

import dev.lockstep.core.port.FileStore;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.journal.JournalDamagedException;
import dev.lockstep.replica.ReplicaStatus;
import dev.lockstep.replica.SnapshotLostException;
import dev.lockstep.replica.StateDigest;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/// The thread that starts, drives and ends one node; every exception ends here.
final class NodeThread {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final Duration STOP_PATIENCE = Duration.ofMillis(7_500);

    /// A disk on which a journal is damaged more often while one process runs is not trusted.
    private static final int MOST_MENDINGS = 8;

    /// Who waits for an answer of the loop looks this often whether the loop has ended.
    private static final long PEEK_MILLIS = 20;

    private final NodePlan plan;
    private final Thread thread;

    /// Completes when the node takes part; fails with a [ConfigException] if it cannot.
    private final CompletableFuture<RunningNode> started = new CompletableFuture<>();

    /// What runs now: another after the node has begun anew. Null until it takes part.
    private volatile @Nullable RunningNode current;

    /// What has befallen the replica's data in this process. The node's thread.
    private final Mishaps mishaps = new Mishaps();

    private volatile boolean killed;

    /// True once an orderly stop was asked for.
    private volatile boolean stopping;

    /// Why the node stopped by itself; null if it has not.
    private volatile @Nullable String failure;

    /// How the replica was when the node stopped.
    private volatile @Nullable ReplicaStatus lastStatus;

    NodeThread(NodePlan plan) {
        this.plan = plan;
        this.thread =
                Thread.ofPlatform()
                        .name("lockstep-" + plan.config().self())
                        .daemon(plan.daemon())
                        .unstarted(this::run);
    }

    /// Returns when the node takes part.
    ///
    /// @throws ConfigException if it cannot
    void start() {
        thread.start();
        try {
            started.join();
        } catch (CompletionException e) {
            awaitQuietly(STOP_PATIENCE);
            if (e.getCause() instanceof ConfigException sentence) {
                throw sentence;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            Exception lost = null;
            try (OpenParts parts = new OpenParts()) {
                RunningNode running = new NodeStart(plan, parts, mishaps).start();
                current = running;
                started.complete(running);
                goesOn = drive(running);
            } catch (JournalDamagedException | SnapshotLostException | StateLost damaged) {
                lost = damaged;
            } catch (Throwable thrown) {
                cannotStart(asSentence(thrown));
                return;
            }
            if (lost instanceof JournalDamagedException damaged) {
                goesOn = goesOnAfter(damaged);
            } else if (lost != null) {
                goesOn = beginsNewLife(lost, String.valueOf(lost.getMessage()));
            }
        }
    }

    /// The journal is mended, or the replica begins a new life without it.
    private boolean goesOnAfter(JournalDamagedException damaged) {
        LOG.error("replica {}: {}", plan.config().self(), damaged.finding());
        String why;
        if (mishaps.journalsMended() >= MOST_MENDINGS) {
            why = "it was mended " + MOST_MENDINGS + " times in this process";
        } else {
            try (OpenParts parts = new OpenParts()) {
                NodeRepair repair = new NodeRepair(plan, parts, () -> killed || stopping);
                why = repair.run();
                if (why == null) {
                    mishaps.mended(repair.repaired());
                    return true;
                }
            } catch (StateLost lost) {
                why = String.valueOf(lost.getMessage());
            } catch (Throwable thrown) {
                cannotStart(asSentence(thrown));
                return false;
            }
        }
        return beginsNewLife(damaged, damaged.finding() + ", and " + why);
    }

    /// What is damaged beyond repair is put aside, and the replica comes back in a new life, once a
    /// process: damage that returns is another matter.
    ///
    /// @param why one sentence without its end
    private boolean beginsNewLife(Exception damaged, String why) {
        ConfigException sentence = asSentence(damaged);
        NodeConfig config = plan.config();
        if (!mishaps.reborn().isEmpty() || !DataDirectory.hasOthers(config)) {
            cannotStart(sentence);
            return false;
        }
        try (OpenParts parts = new OpenParts()) {
            FileStore store = plan.store().open();
            if (store instanceof AutoCloseable closeable) {
                parts.add("the data directory", closeable);
            }
            Identity former = IdentityFile.read(store, plan.store().where());
            mishaps.bornAgain(why);
            var _ = DataDirectory.reborn(store, config, former.cluster(), why);
            LOG.error(
                    "replica {} begins a new life, because {}; what it had is kept in files named"
                            + " lost-…",
                    config.self(),
                    why);
            return true;
        } catch (IOException | ConfigException e) {
            LOG.warn("replica {} cannot begin a new life: {}", config.self(), e.getMessage());
            cannotStart(sentence);
            return false;
        }
    }

    /// Whoever started the node hears of it; if it had begun anew by itself, its operator does.
    private void cannotStart(ConfigException sentence) {
        if (!started.completeExceptionally(sentence)) {
            failure = sentence.getMessage();
            LOG.error("{}", failure);
        }
    }

    /// Returns true if the node is to begin anew from its disk.
    ///
    /// @throws JournalDamagedException if a record was found damaged that was intact before
    /// @throws StateLost if what is there is not what the replica had
    private boolean drive(RunningNode running) throws JournalDamagedException {
        try {
            while (!running.loop().isDone() && !killed && !running.loop().wantsReboot()) {
                running.loop().doWork();
            }
            lastStatus = running.replica().status();
            if (!killed && !running.loop().isDone()) {
                LOG.info("replica {} begins anew", plan.config().self());
                return true;
            }
            if (!killed) {
                running.sayGoodbye();
                LOG.info("replica {} has stopped", plan.config().self());
            }
        } catch (StateLost lost) {
            lastStatus = running.replica().status();
            throw lost;
        } catch (Throwable thrown) {
            JournalDamagedException damaged = damageIn(thrown);
            if (damaged != null && !killed && !stopping) {
                lastStatus = running.replica().status();
                throw damaged;
            }
            fail(running, thrown);
        }
        return false;
    }

    private static @Nullable JournalDamagedException damageIn(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof JournalDamagedException damaged) {
                return damaged;
            }
        }
        return null;
    }

    private void fail(RunningNode running, Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof ReplicaGateway.ReplicaThrew && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String sentence =
                "replica %s stopped: %s"
                        .formatted(
                                plan.config().self(),
                                switch (cause) {
                                    case NodeFailure told -> told.getMessage();
                                    case OutOfMemoryError full -> outOfMemory(full);
                                    default -> cause.toString();
                                });
        try {
            lastStatus = running.replica().status();
        } catch (Throwable noStatus) {
            // What made it stop may have left it in any state; that is told below in any case.
            LOG.warn(
                    "replica {} cannot say how it was when it stopped: {}",
                    plan.config().self(),
                    noStatus.toString());
        }
        failure = sentence;
        if (cause instanceof NodeFailure || cause instanceof OutOfMemoryError) {
            LOG.error("{}", sentence);
            LOG.debug("it stopped here", thrown);
        } else {
            LOG.error("{}", sentence, thrown);
        }
    }

    private static String outOfMemory(OutOfMemoryError full) {
        return "it needs more memory than the %d MiB that the heap may take (%s); give it more with -Xmx, or keep less in the service"
                .formatted(Runtime.getRuntime().maxMemory() >> 20, full.getMessage());
    }

    /// Whatever stands in the way of a start, as a sentence for the operator.
    private ConfigException asSentence(Throwable thrown) {
        if (thrown instanceof ConfigException sentence) {
            return sentence;
        }
        String where = plan.store().where();
        if (thrown instanceof JournalDamagedException damaged) {
            return new ConfigException(where + ": " + damaged.getMessage(), damaged);
        }
        if (thrown instanceof StateLost lost) {
            return new ConfigException(String.valueOf(lost.getMessage()), lost);
        }
        if (thrown instanceof MalformedException malformed) {
            return new ConfigException(
                    "replica %s cannot start on %s: %s; restore the directory from a backup"
                            .formatted(plan.config().self(), where, malformed.getMessage()),
                    malformed);
        }
        if (thrown instanceof IOException io) {
            return new ConfigException(
                    "replica %s cannot start on %s: %s"
                            .formatted(plan.config().self(), where, io.getMessage()),
                    io);
        }
        if (thrown instanceof OutOfMemoryError full) {
            return new ConfigException(
                    "replica %s cannot start: %s"
                            .formatted(plan.config().self(), outOfMemory(full)),
                    full);
        }
        LOG.error("replica {} cannot start", plan.config().self(), thrown);
        return new ConfigException(
                "replica %s cannot start: %s".formatted(plan.config().self(), thrown), thrown);
    }

    private RunningNode current() {
        RunningNode first = started.join();
        RunningNode latest = current;
        return latest == null ? first : latest;
    }

    ReplicaStatus status() {
        if (Thread.currentThread() == thread) {
            return current().replica().status();
        }
        return onLoop(running -> running.replica().status(), this::statusAtEnd);
    }

    private ReplicaStatus statusAtEnd() {
        ReplicaStatus last = lastStatus;
        if (last == null) {
            throw new IllegalStateException("the node has stopped");
        }
        return last;
    }

    StateDigest stateDigest() {
        return onLoop(
                running -> running.replica().stateDigest(),
                () -> {
                    throw new IllegalStateException("the node has stopped");
                });
    }

    /// Asks `question` on the loop's thread and waits for the answer, or asks `otherwise` if the
    /// node stops first. A node that begins anew is asked when it has.
    private <T> T onLoop(Function<RunningNode, T> question, Supplier<T> otherwise) {
        while (true) {
            RunningNode running = current();
            CompletableFuture<T> answer = new CompletableFuture<>();
            try {
                running.network()
                        .execute(
                                () -> {
                                    try {
                                        answer.complete(question.apply(running));
                                    } catch (Throwable thrown) {
                                        answer.completeExceptionally(thrown);
                                    }
                                });
            } catch (RejectedExecutionException e) {
                LOG.debug("replica {} ends or begins anew", plan.config().self(), e);
            }
            while (thread.isAlive() && current().loop() == running.loop()) {
                try {
                    return answer.get(PEEK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    LOG.trace("replica {} has not answered yet", plan.config().self(), e);
                } catch (ExecutionException e) {
                    throw new IllegalStateException(e.getCause());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while the node was asked", e);
                }
            }
            if (!thread.isAlive()) {
                return answer.isDone() && !answer.isCompletedExceptionally()
                        ? answer.join()
                        : otherwise.get();
            }
        }
    }

    int port(String key) {
        return current().ports().getOrDefault(key, -1);
    }

    @Nullable String failure() {
        return failure;
    }

    boolean hasEnded() {
        return !thread.isAlive();
    }

    void awaitEnd() throws InterruptedException {
        thread.join();
    }

    /// Returns false if the thread does not end in time.
    boolean stop() {
        stopping = true;
        if (thread.isAlive()) {
            current().loop().stop();
        }
        return Thread.currentThread() == thread || awaitQuietly(STOP_PATIENCE);
    }

    void kill() {
        killed = true;
        if (thread.isAlive()) {
            current().network().wakeup();
            var _ = awaitQuietly(STOP_PATIENCE);
        }
    }

    private boolean awaitQuietly(Duration patience) {
        try {
            return thread.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !thread.isAlive();
        }
    }
}
