package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.net.NetworkLoop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Kills the leader under load, again and again, and measures how long no client got an answer.
final class FailoverRun {

    private static final long SECOND = 1_000_000_000L;
    private static final int STEADY_SECONDS = 3;
    private static final int AFTER_SECONDS = 3;
    private static final Duration RESTART_LIMIT = Duration.ofSeconds(60);

    private final BenchCluster cluster;
    private final Workload workload;
    private final int inFlight;
    private final Progress progress;

    FailoverRun(BenchCluster cluster, Workload workload, int inFlight, Progress progress) {
        this.cluster = cluster;
        this.workload = workload;
        this.inFlight = inFlight;
        this.progress = progress;
    }

    /// The client-visible gap of each round, in milliseconds.
    List<Double> measure(int rounds) throws InterruptedException {
        List<Double> gaps = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            gaps.add(round(round, rounds));
        }
        return gaps;
    }

    private double round(int round, int rounds) throws InterruptedException {
        int leader;
        double gap;
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = new ClosedLoop(loop, cluster.client(), 1, inFlight, workload)) {
            load.run(STEADY_SECONDS * SECOND);
            leader = cluster.leader();
            if (leader == 0) {
                throw new OperatorException(
                        "the cluster names no leader: see 'lockstep status --watch'");
            }
            load.run(SECOND);
            load.forget();
            cluster.kill(leader);
            load.run(AFTER_SECONDS * SECOND);
            gap = load.longestGapNanos() / 1e6;
            if (load.failed() > 0) {
                throw new OperatorException(
                        load.failed()
                                + " commands failed when replica "
                                + leader
                                + " was killed: "
                                + load.lastFailure());
            }
        }
        progress.show(
                String.format(
                        Locale.ROOT,
                        "round %d of %d: killed replica %d, %.1f ms without an answer",
                        round,
                        rounds,
                        leader,
                        gap));
        cluster.awaitEnd(leader);
        cluster.start(leader);
        cluster.awaitServing(RESTART_LIMIT);
        cluster.awaitCaughtUp(leader, RESTART_LIMIT);
        return gap;
    }
}
