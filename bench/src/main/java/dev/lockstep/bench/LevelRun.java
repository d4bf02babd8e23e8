package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;
import dev.lockstep.net.NetworkLoop;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Measures one level of concurrency: warm up until steady, then several windows.
final class LevelRun {

    private static final long SECOND = 1_000_000_000L;

    private final BenchCluster cluster;
    private final Workload workload;
    private final BenchOptions options;
    private final Progress progress;

    LevelRun(BenchCluster cluster, Workload workload, BenchOptions options, Progress progress) {
        this.cluster = cluster;
        this.workload = workload;
        this.options = options;
        this.progress = progress;
    }

    /// Loads the cluster with `inFlight` for `seconds` and measures nothing.
    void load(int inFlight, int seconds) {
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = start(loop, inFlight)) {
            for (int i = 0; i < seconds; i++) {
                load.forget();
                load.run(SECOND);
                show(inFlight, "warming up, " + (seconds - i - 1) + " s left", load, SECOND);
            }
        }
    }

    /// The windows' figures, one after the other.
    List<Measurement> measure(int inFlight) {
        List<Measurement> windows = new ArrayList<>();
        try (NetworkLoop loop = NetworkLoop.create();
                ClosedLoop load = start(loop, inFlight)) {
            warmUp(inFlight, load);
            for (int i = 1; i <= options.repetitions(); i++) {
                windows.add(window(inFlight, load, i));
            }
        }
        return windows;
    }

    ClosedLoop start(NetworkLoop loop, int inFlight) {
        return new ClosedLoop(loop, cluster.client(), sessions(inFlight), inFlight, workload);
    }

    /// Loads for so long and measures nothing.
    void settle(int inFlight, ClosedLoop load, int seconds) {
        load.forget();
        load.run(seconds * SECOND);
        show(inFlight, "settling", load, seconds * SECOND);
    }

    private int sessions(int inFlight) {
        return Math.min(options.sessions(), inFlight);
    }

    /// Loads until the throughput is steady.
    void warmUp(int inFlight, ClosedLoop load) {
        WarmUp warmUp = new WarmUp(options.leastWarmUpSeconds(), options.mostWarmUpSeconds());
        boolean warm = false;
        while (!warm) {
            load.forget();
            load.run(SECOND);
            warm = warmUp.onSecond((double) load.answered());
            show(inFlight, "warming up", load, SECOND);
            if (load.answered() == 0 && load.failed() > 0) {
                throw new OperatorException("the cluster does not serve: " + load.lastFailure());
            }
        }
    }

    Measurement window(int inFlight, ClosedLoop load, int number) {
        load.forget();
        long cpu = cluster.cpuNanos();
        long began = System.nanoTime();
        for (int second = 1; second <= options.seconds(); second++) {
            load.run(began + second * SECOND - System.nanoTime());
            show(
                    inFlight,
                    "window " + number + " of " + options.repetitions(),
                    load,
                    System.nanoTime() - began);
        }
        long nanos = System.nanoTime() - began;
        double used = cluster.hasProcesses() ? (double) (cluster.cpuNanos() - cpu) : -1;
        return Measurement.of(
                inFlight,
                sessions(inFlight),
                load.answered(),
                load.failed(),
                nanos,
                load.latencies(),
                used);
    }

    private void show(int inFlight, String what, ClosedLoop load, long nanos) {
        progress.show(
                String.format(
                        Locale.ROOT,
                        "%,d in flight, %s: %,.0f/s, p50 %,.0f µs",
                        inFlight,
                        what,
                        load.answered() * 1e9 / nanos,
                        load.latencies().getValueAtPercentile(50) / 1e3));
    }
}
