package dev.lockstep.cli;

import dev.lockstep.client.LockstepClient;
import dev.lockstep.node.MemberConfig;
import dev.lockstep.services.kv.KvCommands;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// A client that gives one command after the other, and looks how long it had to wait for an
/// answer.
final class GapProbe implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final LocalCluster cluster;
    private final Thread thread;
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private volatile boolean stopping;
    private volatile @Nullable RuntimeException failure;

    GapProbe(LocalCluster cluster) {
        this.cluster = cluster;
        this.thread = Thread.ofPlatform().name("probe").start(this::run);
    }

    private void run() {
        var builder = LockstepClient.builder().deadline(DEADLINE);
        for (MemberConfig member : cluster.members()) {
            builder.address(member.host(), member.clientPort());
        }
        try (LockstepClient client = builder.connect()) {
            byte[] command = KvCommands.of("incrby", "probe", "1").bytes();
            while (!stopping) {
                long asked = System.nanoTime();
                var _ = client.command(command).toCompletableFuture().join();
                long nanos = System.nanoTime() - asked;
                longestNanos.accumulateAndGet(nanos, Math::max);
                answers.incrementAndGet();
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /// The longest wait since the last call, in milliseconds; counts a wait that is under way when
    /// it ends.
    double longestMillis() {
        return longestNanos.getAndSet(0) / 1e6;
    }

    /// How many commands were answered.
    long answers() {
        return answers.get();
    }

    /// Waits for so many more answers.
    void awaitAnswers(int more) throws InterruptedException {
        long enough = answers.get() + more;
        Await.until(
                () -> "answers; the probe's failure: " + failure, () -> answers.get() >= enough);
    }

    /// What ended it; null while it runs.
    @Nullable RuntimeException failure() {
        return failure;
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
