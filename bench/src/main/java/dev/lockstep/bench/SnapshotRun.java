package dev.lockstep.bench;

import dev.lockstep.bench.BenchCluster.SnapshotState;
import dev.lockstep.net.NetworkLoop;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// Writes every key once, so that the state is large, then goes on with a steady load and measures
/// the slowest answer of each second: while a replica is at work on a snapshot, and while none is.
final class SnapshotRun {

    private static final int LOADING = 4_096;

    /// So many seconds in which nobody writes a snapshot show that what loading began has ended.
    private static final int SETTLED_SECONDS = 3;

    private static final int PATIENCE_SECONDS = 120;

    private final BenchCluster cluster;
    private final Workload workload;
    private final int inFlight;
    private final SteadyLoad steady;
    private final Progress progress;

    /// @param keys that were written
    /// @param loadSeconds how long that took
    /// @param capacity as [SteadyLoad#set] found it
    /// @param snapshots that were written meanwhile, by all replicas together
    /// @param quiet seconds in which no replica was at work on a snapshot
    /// @param busy the others
    record Figures(
            long keys,
            double loadSeconds,
            long capacity,
            long snapshots,
            List<LoadSecond> quiet,
            List<LoadSecond> busy) {}

    SnapshotRun(
            BenchCluster cluster,
            Workload workload,
            int inFlight,
            SteadyLoad steady,
            Progress progress) {
        this.cluster = cluster;
        this.workload = workload;
        this.inFlight = inFlight;
        this.steady = steady;
        this.progress = progress;
    }

    Figures measure(long keys, int seconds) {
        double loadSeconds = load(keys);
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = new ClosedLoop(loop, cluster.client(), 1, inFlight, workload)) {
            settle();
            long capacity = steady.set(load);
            LoadSecond.measure(load);
            List<LoadSecond> quiet = new ArrayList<>();
            List<LoadSecond> busy = new ArrayList<>();
            long written = 0;
            List<SnapshotState> then = cluster.snapshots();
            for (int i = 1; i <= seconds; i++) {
                AtomicReference<List<SnapshotState>> states = new AtomicReference<>(then);
                LoadSecond second =
                        LoadSecond.measureWhile(load, () -> states.set(cluster.snapshots()));
                List<SnapshotState> now = states.get();
                boolean isQuiet = then.stream().noneMatch(SnapshotState::atWork);
                (isQuiet && now.equals(then) ? quiet : busy).add(second);
                written += changes(then, now);
                then = now;
                progress.show(
                        String.format(
                                Locale.ROOT,
                                "second %d of %d: %,d answers, the slowest after %,d µs; %d snapshots written",
                                i,
                                seconds,
                                second.answers(),
                                second.slowestMicros(),
                                written));
            }
            return new Figures(keys, loadSeconds, capacity, written, quiet, busy);
        }
    }

    /// What loading leaves to do is no part of what the cluster can do.
    private void settle() {
        int settled = 0;
        for (int i = 0; settled < SETTLED_SECONDS && i < PATIENCE_SECONDS; i++) {
            boolean isQuiet = cluster.snapshots().stream().noneMatch(SnapshotState::atWork);
            settled = isQuiet ? settled + 1 : 0;
            progress.show("waiting until no replica writes a snapshot");
            LockSupport.parkNanos(1_000_000_000L);
        }
    }

    private static long changes(List<SnapshotState> then, List<SnapshotState> now) {
        long changes = 0;
        for (int i = 0; i < now.size(); i++) {
            changes += now.get(i).position() > then.get(i).position() ? 1 : 0;
        }
        return changes;
    }

    private double load(long keys) {
        long began = System.nanoTime();
        workload.fill();
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = new ClosedLoop(loop, cluster.client(), 1, LOADING, workload)) {
            long answered = 0;
            while (workload.isFilling()) {
                answered += LoadSecond.measure(load).answers();
                progress.show(String.format(Locale.ROOT, "%,d of %,d keys", answered, keys));
            }
        }
        return (System.nanoTime() - began) / 1e9;
    }

    static List<String> lines(Figures figures) {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                                Locale.ROOT,
                                "%,d keys written in %.0f s. %s",
                                figures.keys,
                                figures.loadSeconds,
                                SteadyLoad.words(figures.capacity))
                        .strip());
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d snapshots were written in %d s.",
                        figures.snapshots,
                        figures.quiet.size() + figures.busy.size()));
        lines.add("");
        lines.add("                                    the slowest answer of a second, in ms:");
        lines.add("                       seconds      median      p90   three slowest");
        lines.add(line("nobody writes one", figures.quiet));
        lines.add(line("somebody does", figures.busy));
        return lines;
    }

    private static String line(String what, List<LoadSecond> seconds) {
        List<Long> slowest =
                seconds.stream()
                        .map(LoadSecond::slowestMicros)
                        .sorted(Comparator.reverseOrder())
                        .toList();
        if (slowest.isEmpty()) {
            return String.format(Locale.ROOT, "  %-20s %7d", what, 0);
        }
        StringBuilder three = new StringBuilder();
        slowest.stream().limit(3).forEach(each -> three.append("  ").append(millis(each)));
        return String.format(
                Locale.ROOT,
                "  %-20s %7d %11s %8s %s",
                what,
                slowest.size(),
                millis(slowest.get(slowest.size() / 2)),
                millis(slowest.get(slowest.size() / 10)),
                three);
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.1f", micros / 1e3);
    }
}
