package dev.lockstep.cli.soak;

import dev.lockstep.cli.ExitCode;
import dev.lockstep.cli.OperatorException;
import dev.lockstep.cli.Reason;
import dev.lockstep.testkit.history.HistoryFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BiFunction;

/// One soak from its beginning to its end.
///
/// Threading: one thread, which may be interrupted: then it winds up and says what was checked.
final class SoakRun {

    private static final Set<FaultKind> NEED_NAMESPACES =
            EnumSet.of(FaultKind.PARTITION, FaultKind.FULL_DISK);

    /// A new cluster begins after so many rounds.
    private static final int ROUNDS_OF_A_CLUSTER = 60;

    private final SoakPlan plan;
    private final SoakReport report;
    private final Set<FaultKind> kinds;
    private final @Nullable BiFunction<SoakCluster, SoakLoad, Script> script;
    private final Carried carried = new Carried();
    private int number;
    private @Nullable Round round;
    private @Nullable Episode episode;

    /// Null before the first cluster has begun.
    private @Nullable DiskUse diskUse;

    SoakRun(SoakPlan plan, SoakReport report) {
        this(plan, report, null);
    }

    /// @param script says what happens instead of [Nemesis]; null to let it
    SoakRun(
            SoakPlan plan,
            SoakReport report,
            @Nullable BiFunction<SoakCluster, SoakLoad, Script> script) {
        this.plan = plan;
        this.report = report;
        this.script = script;
        this.kinds = EnumSet.copyOf(plan.faults());
    }

    /// Runs it.
    ///
    /// @return the exit code
    /// @throws OperatorException if it could not be done
    int run() {
        try {
            return runAndClose();
        } finally {
            endDiskUse();
        }
    }

    private void endDiskUse() {
        DiskUse disks = diskUse;
        if (disks == null) {
            return;
        }
        disks.close();
        Path drawing = plan.drawing();
        if (drawing == null) {
            return;
        }
        try {
            disks.draw(drawing);
            report.onDrawn(drawing);
        } catch (IOException e) {
            throw new OperatorException("cannot write " + drawing + ": " + Reason.of(e), e);
        }
    }

    private int runAndClose() {
        try (RunDirectory directory = new RunDirectory(plan.directory());
                Closing namespaces = new Closing(namespaces());
                SoakCluster cluster = new SoakCluster(plan, directory, namespaces.namespaces());
                SoakLoad load = new SoakLoad(cluster, plan.clients(), plan.seed())) {
            return run(directory, cluster, load);
        } catch (IOException e) {
            throw new OperatorException("the soak could not go on: " + Reason.of(e), e);
        } catch (InterruptedException e) {
            report.onHeld(true);
            return ExitCode.DONE;
        }
    }

    /// What there may be to close.
    private record Closing(@Nullable Namespaces namespaces) implements AutoCloseable {
        @Override
        public void close() {
            if (namespaces != null) {
                namespaces.close();
            }
        }
    }

    /// Null if no fault needs them, or if this machine does not allow them.
    private @Nullable Namespaces namespaces() throws IOException, InterruptedException {
        if (kinds.stream().noneMatch(NEED_NAMESPACES::contains)) {
            return null;
        }
        String obstacle = Namespaces.obstacle();
        if (obstacle.isEmpty()) {
            return Namespaces.create(plan.replicas());
        }
        for (FaultKind kind : NEED_NAMESPACES) {
            if (kinds.remove(kind)) {
                report.onSkipped(kind, "it needs root and namespaces: " + obstacle);
            }
        }
        if (kinds.isEmpty()) {
            throw new OperatorException(
                    "none of these faults can be done here (%s): run it as root, or choose others with --faults"
                            .formatted(obstacle));
        }
        return null;
    }

    private int run(RunDirectory directory, SoakCluster cluster, SoakLoad load)
            throws IOException, InterruptedException {
        try {
            try {
                rounds(cluster, load);
            } finally {
                report.onWitnessed(load.witness().checked(), load.witness().unchecked());
            }
            cluster.close();
        } catch (InterruptedException | ClosedByInterruptException e) {
            try {
                load.check();
                judgeWhatThereIs();
                load.forget();
                cluster.close();
            } catch (ViolationException found) {
                return violated(found, directory, cluster);
            }
            report.onHeld(true);
            directory.removeData();
            return ExitCode.DONE;
        } catch (ViolationException found) {
            return violated(found, directory, cluster);
        }
        report.onHeld(false);
        directory.removeData();
        return ExitCode.DONE;
    }

    private void rounds(SoakCluster cluster, SoakLoad load)
            throws IOException, InterruptedException, ViolationException {
        report.begin();
        begin(cluster);
        DiskUse disks = new DiskUse(cluster.dataDirectories(), SoakCluster.DISK_BOUND);
        diskUse = disks;
        long end = System.nanoTime() + plan.limit().toNanos();
        Script next =
                script == null
                        ? new Nemesis(plan, kinds, cluster, load)
                        : script.apply(cluster, load);
        while (number < plan.mostRounds() && System.nanoTime() < end) {
            checkDisk(disks);
            if (number > 0 && number % ROUNDS_OF_A_CLUSTER == 0) {
                load.forget();
                carried.clear();
                begin(cluster);
                disks.beginAnew();
            }
            number++;
            report.onRoundBegun();
            Episode now = next.next();
            episode = now;
            Round running = new Round(number, now, cluster, load, carried);
            round = running;
            running.run();
            round = null;
            report.onRound(
                    number,
                    now,
                    load.witness().history().size(),
                    load.answers().longestSilenceNanos());
        }
        checkDisk(disks);
        load.forget();
    }

    private static void checkDisk(DiskUse disks) throws ViolationException {
        String exceeded = disks.exceeded();
        if (!exceeded.isEmpty()) {
            throw new ViolationException(exceeded);
        }
    }

    private void begin(SoakCluster cluster)
            throws IOException, InterruptedException, ViolationException {
        cluster.begin();
        report.onCluster();
    }

    /// The round that was cut short has no reads at its end, but what it has must be in order.
    private void judgeWhatThereIs() throws ViolationException {
        Round cut = round;
        if (cut != null) {
            cut.judge();
        }
    }

    /// Keeps what shows it.
    private int violated(ViolationException first, RunDirectory directory, SoakCluster cluster)
            throws IOException {
        Round broken = round;
        ViolationException found = first;
        if (broken != null) {
            HistoryFile.write(directory.history(), broken.history());
            found = broken.explain(first);
        }
        cluster.close();
        cluster.keepData();
        Files.write(directory.violation(), SoakReport.text(number, episode, found, directory));
        report.onViolation(number, episode, found, directory);
        return ExitCode.FAILED;
    }
}
