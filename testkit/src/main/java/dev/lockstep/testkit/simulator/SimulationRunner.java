package dev.lockstep.testkit.simulator;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/// Runs many seeds.
///
/// Threading: immutable; [#run] blocks its caller.
public final class SimulationRunner {

    private final LongFunction<SimulationSetup> setups;
    private final int threads;
    private final int mostFailures;
    private final Consumer<SimulationSummary> progress;
    private final BooleanSupplier stopped;

    private SimulationRunner(
            LongFunction<SimulationSetup> setups,
            int threads,
            int mostFailures,
            Consumer<SimulationSummary> progress,
            BooleanSupplier stopped) {
        this.setups = setups;
        this.threads = threads;
        this.mostFailures = mostFailures;
        this.progress = progress;
        this.stopped = stopped;
    }

    /// A runner on the calling thread that stops at the first failure.
    public static SimulationRunner of(SimulationSetup setup) {
        return ofEach(_ -> setup);
    }

    /// The same where every seed has a setup of its own.
    ///
    /// @param setups by seed; asked by several threads at once if there are several
    public static SimulationRunner ofEach(LongFunction<SimulationSetup> setups) {
        return new SimulationRunner(setups, 1, 1, _ -> {}, () -> false);
    }

    /// The same with this many threads, each on seeds of its own.
    public SimulationRunner withThreads(int number) {
        if (number < 1 || number > 1024) {
            throw new IllegalArgumentException("1 to 1024 threads, not " + number);
        }
        return new SimulationRunner(setups, number, mostFailures, progress, stopped);
    }

    /// The same, stopping only after this many failures.
    public SimulationRunner withMostFailures(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("at least one failure, not " + number);
        }
        return new SimulationRunner(setups, threads, number, progress, stopped);
    }

    /// The same, telling how far it is after every seed, on whatever thread ran it, one at a time.
    public SimulationRunner withProgress(Consumer<SimulationSummary> told) {
        return new SimulationRunner(setups, threads, mostFailures, told, stopped);
    }

    /// The same, beginning no seed any more once `condition` holds.
    ///
    /// @param condition asked before every seed, by several threads at once if there are several
    public SimulationRunner until(BooleanSupplier condition) {
        return new SimulationRunner(setups, threads, mostFailures, progress, condition);
    }

    /// Runs the seeds from `first` to `last`, both included, in ascending order as far as threads
    /// allow.
    public SimulationSummary run(long first, long last) {
        Total total = new Total();
        AtomicLong next = new AtomicLong(first);
        Callable<Void> worker =
                () -> {
                    long seed = next.getAndIncrement();
                    while (seed <= last && seed >= first && !isOver(total)) {
                        runOne(seed, total);
                        seed = next.getAndIncrement();
                    }
                    return null;
                };
        if (threads == 1) {
            await(worker);
        } else {
            try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
                List<Future<Void>> running = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    running.add(executor.submit(worker));
                }
                running.forEach(future -> await(future::get));
            }
        }
        return total.summary();
    }

    private boolean isOver(Total total) {
        return total.hasSeenEnough() || stopped.getAsBoolean();
    }

    private static void await(Callable<Void> work) {
        try {
            work.call();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the simulator itself failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the simulator itself failed", e);
        }
    }

    private void runOne(long seed, Total total) {
        long began = System.nanoTime();
        try {
            SimulationReport report = Simulation.run(setups.apply(seed), seed);
            total.add(report, System.nanoTime() - began);
        } catch (SimulationFailure failure) {
            total.add(failure, System.nanoTime() - began);
        }
    }

    /// What has come together; any thread.
    private final class Total {
        private SimulationSummary sum = SimulationSummary.NONE;

        synchronized SimulationSummary summary() {
            return sum;
        }

        synchronized boolean hasSeenEnough() {
            return sum.failures().size() >= mostFailures;
        }

        synchronized void add(SimulationReport report, long nanos) {
            sum =
                    new SimulationSummary(
                            sum.seeds() + 1,
                            sum.events() + report.events(),
                            sum.simulatedNanos() + report.simulatedNanos(),
                            sum.busyNanos() + nanos,
                            sum.operations() + report.operations(),
                            sum.undecided() + (report.isUndecided() ? 1 : 0),
                            // The same in whatever order the seeds end.
                            sum.digest() + report.digest() * (2 * report.seed() + 1),
                            sum.exercised().plus(report.exercised()),
                            sum.failures());
            progress.accept(sum);
        }

        synchronized void add(SimulationFailure failure, long nanos) {
            List<SimulationFailure> failures = new ArrayList<>(sum.failures());
            failures.add(failure);
            failures.sort(Comparator.comparingLong(SimulationFailure::seed));
            sum =
                    new SimulationSummary(
                            sum.seeds() + 1,
                            sum.events() + failure.events(),
                            sum.simulatedNanos(),
                            sum.busyNanos() + nanos,
                            sum.operations(),
                            sum.undecided(),
                            sum.digest(),
                            sum.exercised(),
                            failures);
            progress.accept(sum);
        }
    }
}
