package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.net.NetworkLoop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/// Kills a follower, lets the others go on for so long that it must fetch what it has missed,
/// starts it again, and measures what clients notice, second by second, before, meanwhile and
/// after.
///
/// The load is a share of what the cluster can do: where all replicas and their client share
/// processors that are busy already, whatever anybody does takes answers away.
final class CatchUpRun {

    private static final int WINDOWS = 10;
    private static final int MOST_SECONDS = 300;

    /// Who executes what comes is always some positions behind whoever was asked first.
    private static final long CAUGHT_UP = 200;

    private final BenchCluster cluster;
    private final Workload workload;
    private final int inFlight;
    private final int valueBytes;
    private final SteadyLoad steady;
    private final Progress progress;

    /// @param capacity as [SteadyLoad#set] found it, with all replicas
    /// @param before with all replicas, by second
    /// @param without while one is down
    /// @param starting while it starts, before it takes part
    /// @param during while it catches up
    /// @param after when it has
    /// @param missedBytes of values, while it was down
    record Figures(
            long capacity,
            List<LoadSecond> before,
            List<LoadSecond> without,
            List<LoadSecond> starting,
            List<LoadSecond> during,
            List<LoadSecond> after,
            long missedBytes) {}

    CatchUpRun(
            BenchCluster cluster,
            Workload workload,
            int inFlight,
            int valueBytes,
            SteadyLoad steady,
            Progress progress) {
        this.cluster = cluster;
        this.workload = workload;
        this.inFlight = inFlight;
        this.valueBytes = valueBytes;
        this.steady = steady;
        this.progress = progress;
    }

    /// @param missedBytes so much the replica misses at least
    Figures measure(long missedBytes) {
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = new ClosedLoop(loop, cluster.client(), 1, inFlight, workload)) {
            long capacity = steady.set(load);
            List<LoadSecond> before = new ArrayList<>();
            while (before.size() < WINDOWS) {
                before.add(LoadSecond.measure(load));
            }
            int victim = cluster.leader() == 1 ? 2 : 1;
            List<LoadSecond> without = new ArrayList<>();
            without.add(
                    LoadSecond.measureWhile(
                            load,
                            () -> {
                                cluster.kill(victim);
                                cluster.awaitEnd(victim);
                            }));
            long missed = 0;
            while (missed < missedBytes || without.size() < WINDOWS) {
                without.add(LoadSecond.measure(load));
                missed += without.getLast().answers() * valueBytes;
                progress.show((missed >> 20) + " MiB missed");
            }
            List<LoadSecond> starting = new ArrayList<>();
            List<LoadSecond> during = new ArrayList<>();
            starting.add(LoadSecond.measureWhile(load, () -> cluster.start(victim)));
            long behind = -1;
            while (behind < 0 || behind > CAUGHT_UP) {
                AtomicLong answer = new AtomicLong();
                LoadSecond answered =
                        LoadSecond.measureWhile(load, () -> answer.set(cluster.behind(victim)));
                behind = answer.get();
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
            List<LoadSecond> after = new ArrayList<>();
            while (after.size() < WINDOWS) {
                after.add(LoadSecond.measure(load));
            }
            return new Figures(capacity, before, without, starting, during, after, missed);
        }
    }

    /// One line about each part.
    static List<String> lines(Figures figures) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "                   answers a second: mean, least   p99 of a second: median   slowest");
        lines.add(line("before", figures.before));
        lines.add(line("one down", figures.without));
        lines.add(line("it starts", figures.starting));
        lines.add(line("it catches up", figures.during));
        lines.add(line("after", figures.after));
        lines.add(
                String.format(
                                Locale.ROOT,
                                "It missed %d MiB of values and caught up in %d s, with %s answers than before. %s",
                                figures.missedBytes >> 20,
                                figures.during.size(),
                                difference(mean(figures.during) / mean(figures.before)),
                                SteadyLoad.words(figures.capacity))
                        .strip());
        return lines;
    }

    private static String difference(double ratio) {
        return String.format(
                Locale.ROOT, "%.0f%% %s", 100 * Math.abs(1 - ratio), ratio > 1 ? "more" : "fewer");
    }

    private static String line(String part, List<LoadSecond> seconds) {
        return String.format(
                Locale.ROOT,
                "  %-14s %3d s %,12.0f %,12d %,21d µs %,14d µs",
                part,
                seconds.size(),
                mean(seconds),
                seconds.stream().mapToLong(LoadSecond::answers).min().orElse(0),
                median(seconds),
                seconds.stream().mapToLong(LoadSecond::slowestMicros).max().orElse(0));
    }

    private static long median(List<LoadSecond> seconds) {
        long[] sorted = seconds.stream().mapToLong(LoadSecond::p99Micros).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }

    private static double mean(List<LoadSecond> seconds) {
        return seconds.stream().mapToLong(LoadSecond::answers).average().orElse(0);
    }
}
