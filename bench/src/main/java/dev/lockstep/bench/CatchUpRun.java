package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.net.NetworkLoop;

import org.HdrHistogram.Histogram;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// Kills a follower, lets the others go on for so long that it must fetch what it has missed,
/// starts it again, and measures what clients notice, second by second, before, meanwhile and
/// after.
///
/// The load is a share of what the cluster can do: where all replicas and their client share
/// processors that are busy already, whatever anybody does takes answers away.
final class CatchUpRun {

    private static final long SECOND = 1_000_000_000L;
    private static final int WINDOWS = 10;
    private static final int CAPACITY_SECONDS = 3;
    private static final int MOST_SECONDS = 300;

    /// Who executes what comes is always some positions behind whoever was asked first.
    private static final long CAUGHT_UP = 200;

    private final BenchCluster cluster;
    private final Workload workload;
    private final int inFlight;
    private final int valueBytes;
    private final int percent;
    private final Progress progress;

    /// What clients saw in a second.
    ///
    /// @param answers how many
    /// @param p99Micros from when a request was due, in microseconds
    /// @param slowestMicros of all of them, in microseconds
    record Second(long answers, long p99Micros, long slowestMicros) {}

    /// @param capacity answers a second with all replicas, as fast as they come
    /// @param before with all replicas, by second
    /// @param without while one is down
    /// @param starting while it starts, before it takes part
    /// @param during while it catches up
    /// @param after when it has
    /// @param missedBytes of values, while it was down
    record Figures(
            long capacity,
            List<Second> before,
            List<Second> without,
            List<Second> starting,
            List<Second> during,
            List<Second> after,
            long missedBytes) {}

    /// @param percent of what the cluster can do is the load
    CatchUpRun(
            BenchCluster cluster,
            Workload workload,
            int inFlight,
            int valueBytes,
            int percent,
            Progress progress) {
        this.cluster = cluster;
        this.workload = workload;
        this.inFlight = inFlight;
        this.valueBytes = valueBytes;
        this.percent = percent;
        this.progress = progress;
    }

    /// @param missedBytes so much the replica misses at least
    Figures measure(long missedBytes) {
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = new ClosedLoop(loop, cluster.client(), 1, inFlight, workload)) {
            load.run(CAPACITY_SECONDS * SECOND);
            load.forget();
            load.run(CAPACITY_SECONDS * SECOND);
            long capacity = load.answered() / CAPACITY_SECONDS;
            if (percent < 100) {
                load.pace(Math.max(1, capacity * percent / 100));
            }
            List<Second> before = new ArrayList<>();
            while (before.size() < WINDOWS) {
                before.add(second(load));
            }
            int victim = cluster.leader() == 1 ? 2 : 1;
            List<Second> without = new ArrayList<>();
            without.add(
                    secondWhile(
                            load,
                            () -> {
                                cluster.kill(victim);
                                cluster.awaitEnd(victim);
                            }));
            long missed = 0;
            while (missed < missedBytes || without.size() < WINDOWS) {
                without.add(second(load));
                missed += without.getLast().answers() * valueBytes;
                progress.show((missed >> 20) + " MiB missed");
            }
            List<Second> starting = new ArrayList<>();
            List<Second> during = new ArrayList<>();
            starting.add(secondWhile(load, () -> cluster.start(victim)));
            long behind = -1;
            while (behind < 0 || behind > CAUGHT_UP) {
                AtomicLong answer = new AtomicLong();
                Second answered = secondWhile(load, () -> answer.set(cluster.behind(victim)));
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
            List<Second> after = new ArrayList<>();
            while (after.size() < WINDOWS) {
                after.add(second(load));
            }
            return new Figures(capacity, before, without, starting, during, after, missed);
        }
    }

    private static Second second(ClosedLoop load) {
        return secondWhile(load, () -> {});
    }

    /// The load's thread does nothing but its load: what takes time meanwhile has another.
    private static Second secondWhile(ClosedLoop load, Runnable work) {
        load.forget();
        long began = System.nanoTime();
        CompletableFuture<Void> done = CompletableFuture.runAsync(work);
        load.run(SECOND);
        while (!done.isDone()) {
            load.run(SECOND / 100);
        }
        done.join();
        if (load.failed() > 0) {
            throw new OperatorException("commands failed: " + load.lastFailure());
        }
        Histogram latencies = load.latencies();
        return new Second(
                load.answered() * SECOND / (System.nanoTime() - began),
                latencies.getValueAtPercentile(99) / 1_000,
                latencies.getMaxValue() / 1_000);
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
                        "It missed %d MiB of values and caught up in %d s, with %s answers than before; as"
                                + " fast as they come there are %,d a second.",
                        figures.missedBytes >> 20,
                        figures.during.size(),
                        difference(mean(figures.during) / mean(figures.before)),
                        figures.capacity));
        return lines;
    }

    private static String difference(double ratio) {
        return String.format(
                Locale.ROOT, "%.0f%% %s", 100 * Math.abs(1 - ratio), ratio > 1 ? "more" : "fewer");
    }

    private static String line(String part, List<Second> seconds) {
        return String.format(
                Locale.ROOT,
                "  %-14s %3d s %,12.0f %,12d %,21d µs %,14d µs",
                part,
                seconds.size(),
                mean(seconds),
                seconds.stream().mapToLong(Second::answers).min().orElse(0),
                median(seconds),
                seconds.stream().mapToLong(Second::slowestMicros).max().orElse(0));
    }

    private static long median(List<Second> seconds) {
        long[] sorted = seconds.stream().mapToLong(Second::p99Micros).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }

    private static double mean(List<Second> seconds) {
        return seconds.stream().mapToLong(Second::answers).average().orElse(0);
    }
}
