package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.net.NetworkLoop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Kills a follower, lets the others go on for so long that it must fetch what it has missed,
/// starts
/// it again, and measures what clients notice: answers in each second, before, meanwhile and after.
final class CatchUpRun {

    private static final long SECOND = 1_000_000_000L;
    private static final int WINDOWS = 10;
    private static final int MOST_SECONDS = 300;

    /// Who executes what comes is always some positions behind whoever was asked first.
    private static final long CAUGHT_UP = 200;

    private final BenchCluster cluster;
    private final Workload workload;
    private final int inFlight;
    private final int valueBytes;
    private final Progress progress;

    /// @param before with all replicas, by second
    /// @param without while one is down
    /// @param starting while it starts, before it takes part
    /// @param during while it catches up
    /// @param after when it has
    /// @param missedBytes of values, while it was down
    record Figures(
            List<Long> before,
            List<Long> without,
            List<Long> starting,
            List<Long> during,
            List<Long> after,
            long missedBytes) {}

    CatchUpRun(
            BenchCluster cluster,
            Workload workload,
            int inFlight,
            int valueBytes,
            Progress progress) {
        this.cluster = cluster;
        this.workload = workload;
        this.inFlight = inFlight;
        this.valueBytes = valueBytes;
        this.progress = progress;
    }

    /// @param missedBytes so much the replica misses at least
    Figures measure(long missedBytes) {
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = new ClosedLoop(loop, cluster.client(), 1, inFlight, workload)) {
            load.run(3 * SECOND);
            List<Long> before = new ArrayList<>();
            while (before.size() < WINDOWS) {
                before.add(second(load));
            }
            int victim = cluster.leader() == 1 ? 2 : 1;
            cluster.kill(victim);
            cluster.awaitEnd(victim);
            List<Long> without = new ArrayList<>();
            long missed = 0;
            while (missed < missedBytes || without.size() < WINDOWS) {
                without.add(second(load));
                missed += without.getLast() * valueBytes;
                progress.show((missed >> 20) + " MiB missed");
            }
            cluster.start(victim);
            List<Long> starting = new ArrayList<>();
            List<Long> during = new ArrayList<>();
            long behind = -1;
            while (behind < 0 || behind > CAUGHT_UP) {
                long answered = second(load);
                behind = cluster.behind(victim);
                (behind < 0 ? starting : during).add(answered);
                progress.show("replica " + victim + " is " + behind + " positions behind");
                if (starting.size() + during.size() > MOST_SECONDS) {
                    throw new OperatorException(
                            "replica "
                                    + victim
                                    + " has not caught up within "
                                    + MOST_SECONDS
                                    + " s");
                }
            }
            List<Long> after = new ArrayList<>();
            while (after.size() < WINDOWS) {
                after.add(second(load));
            }
            if (load.failed() > 0) {
                throw new OperatorException("commands failed: " + load.lastFailure());
            }
            return new Figures(before, without, starting, during, after, missed);
        }
    }

    private static long second(ClosedLoop load) {
        long before = load.answered();
        load.run(SECOND);
        return load.answered() - before;
    }

    /// One line about each part.
    static List<String> lines(Figures figures) {
        List<String> lines = new ArrayList<>();
        lines.add(line("before", figures.before));
        lines.add(line("one down", figures.without));
        lines.add(line("it starts", figures.starting));
        lines.add(line("it catches up", figures.during));
        lines.add(line("after", figures.after));
        lines.add(
                String.format(
                        Locale.ROOT,
                        "It missed %d MiB of values. While it caught up there were %.0f%% fewer answers than before.",
                        figures.missedBytes >> 20,
                        100 * (1 - mean(figures.during) / mean(figures.before))));
        return lines;
    }

    private static String line(String part, List<Long> seconds) {
        return String.format(
                Locale.ROOT,
                "  %-14s %,9.0f a second, in %d s: %s",
                part,
                mean(seconds),
                seconds.size(),
                seconds);
    }

    private static double mean(List<Long> seconds) {
        return seconds.stream().mapToLong(Long::longValue).average().orElse(0);
    }
}
