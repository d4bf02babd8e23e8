package dev.lockstep.cli.soak;

import dev.lockstep.cli.Console;
import dev.lockstep.cli.OutputFile;
import dev.lockstep.cli.WindUp;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/// `lockstep soak`: real replicas, real faults, for as long as one likes.
@Command(
        name = "soak",
        description = {
            "Runs a cluster of real processes on real disks, and clients that write and read without"
                    + " pause, while replicas are killed, paused, cut off, robbed of their disk's room"
                    + " and bytes, and told wrong times.",
            "",
            "Round by round faults come, are undone, and what the clients saw is judged: there must"
                    + " be one order that explains it, all replicas must end in the same state, and"
                    + " while a majority is well somebody must be answered. Exits with 1 if something"
                    + " does not hold, and keeps what shows it."
        },
        footer = {
            "",
            "Examples:",
            "  sudo lockstep soak --minutes 20    all faults: two of them need root",
            "  lockstep soak --minutes 5 --faults kill,pause",
            "  lockstep soak --minutes 60 --replicas 5 --json | jq .faults"
        })
public final class SoakCommand implements Callable<Integer> {

    private static final int MOST_MINUTES = 60 * 24 * 30;
    private static final int MOST_CLIENTS = 64;

    /// More than it takes to wait for the outcomes that are open and to stop the replicas.
    private static final int WIND_UP_SECONDS = 100;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "10",
            description = "For how long. Default: ${DEFAULT-VALUE}.")
    private int minutes;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "3",
            description = "3 or 5. Default: ${DEFAULT-VALUE}.")
    private int replicas;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            defaultValue = ".lockstep/soak",
            description = "Where everything is kept. Default: ${DEFAULT-VALUE}.")
    private Path directory = Path.of(".lockstep/soak");

    @Option(
            names = "--faults",
            paramLabel = "FAULT",
            split = ",",
            converter = FaultKind.Reader.class,
            defaultValue = "kill,pause,partition,damage,full-disk,clock",
            description = "What may be done, separated by commas. Default: ${DEFAULT-VALUE}.")
    private List<FaultKind> faults = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "SEED",
            description = "Decides which faults come. Default: drawn anew, and printed.")
    private @Nullable Long seed;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "6",
            description =
                    "How many clients beside one Redis client for each replica. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
            names = "--draw-disks",
            paramLabel = "FILE",
            description = "Draws how much the replicas' data take up, as SVG.")
    private @Nullable Path disks;

    @Option(names = "--json", description = "Prints one JSON object at the end and nothing else.")
    private boolean json;

    /// For picocli.
    public SoakCommand() {}

    @Override
    public Integer call() {
        SoakPlan plan = plan();
        SoakRun run = new SoakRun(plan, new SoakReport(Console.of(spec), plan, json));
        try (WindUp _ = WindUp.ready(Thread.currentThread()::interrupt, WIND_UP_SECONDS)) {
            return run.run();
        }
    }

    private SoakPlan plan() {
        check(
                minutes >= 1 && minutes <= MOST_MINUTES,
                "--minutes",
                minutes,
                "1 to " + MOST_MINUTES);
        check(replicas == 3 || replicas == 5, "--replicas", replicas, "3 and 5");
        check(
                clients >= 1 && clients <= MOST_CLIENTS,
                "--clients",
                clients,
                "1 to " + MOST_CLIENTS);
        if (faults.isEmpty()) {
            throw misused("--faults names none; leave it out for all.");
        }
        OutputFile.check("the drawing", disks);
        Set<FaultKind> kinds = EnumSet.copyOf(faults);
        return new SoakPlan(
                directory,
                replicas,
                kinds,
                seed == null ? new SplittableRandom().nextInt(1, 1_000_000) : seed,
                clients,
                Duration.ofMinutes(minutes),
                Integer.MAX_VALUE,
                disks);
    }

    private void check(boolean right, String option, int value, String choice) {
        if (!right) {
            throw misused("%s is %d; choose from %s.".formatted(option, value, choice));
        }
    }

    private ParameterException misused(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }
}
