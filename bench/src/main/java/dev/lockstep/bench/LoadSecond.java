package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;

import org.HdrHistogram.Histogram;

import java.util.concurrent.CompletableFuture;

/// What clients saw in a second.
///
/// @param answers how many
/// @param p99Micros from when a request was due, in microseconds
/// @param slowestMicros of all of them, in microseconds
record LoadSecond(long answers, long p99Micros, long slowestMicros) {

    private static final long SECOND = 1_000_000_000L;
    private static final int CAPACITY_SECONDS = 3;

    /// Answers a second as fast as they come: the second half of some seconds.
    static long capacity(ClosedLoop load) {
        load.run(CAPACITY_SECONDS * SECOND);
        load.forget();
        load.run(CAPACITY_SECONDS * SECOND);
        return load.answered() / CAPACITY_SECONDS;
    }

    static LoadSecond measure(ClosedLoop load) {
        return measureWhile(load, () -> {});
    }

    /// The load's thread does nothing but its load: what takes time meanwhile has another.
    static LoadSecond measureWhile(ClosedLoop load, Runnable work) {
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
        return new LoadSecond(
                load.answered() * SECOND / (System.nanoTime() - began),
                latencies.getValueAtPercentile(99) / 1_000,
                latencies.getMaxValue() / 1_000);
    }
}
