package dev.lockstep.cli;

import dev.lockstep.node.BackupDirectory;
import dev.lockstep.node.BackupManifest;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep backup`: a copy of a running cluster's state and of what came after.
@Command(
        name = "backup",
        description = {
            "Copies a snapshot and the history after it from a member of a running cluster to a"
                    + " directory, while clients go on.",
            "",
            "Everything that was acknowledged before the command began is in it. If it is cut short,"
                    + " the same command goes on where it stopped. 'lockstep restore' makes a new"
                    + " cluster of it, at its end or at any position or time in it."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep backup --to /backups/monday          of the cluster of cluster.yaml",
            "  lockstep backup --to monday --replica 3       from this member alone",
            "  lockstep backup --to monday --admin 127.0.0.1:7201,127.0.0.1:7202",
            "  lockstep backup --to monday --json | jq .toPosition"
        })
final class BackupCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private AdminOption admin = new AdminOption();

    @Option(
            names = "--to",
            paramLabel = "DIR",
            required = true,
            description =
                    "Where to: a new or empty directory, or one in which a backup was cut short.")
    private @Nullable Path directory;

    @Option(
            names = "--replica",
            paramLabel = "ID",
            description = "Copy from this member alone. Default: any that is healthy.")
    private @Nullable Integer replica;

    @Option(
            names = "--rate",
            paramLabel = "MIB",
            defaultValue = "64",
            description = "Copy so many MiB a second at most. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        if (rate < 1) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--rate is " + rate + "; choose at least 1.");
        }
        Path to = Objects.requireNonNull(directory);
        List<AdminClient> replicas = admin.clients(config, spec);
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        ProgressBar bar = ProgressBar.on(err);
        try (BackupDirectory backup = BackupDirectory.begin(to)) {
            BackupRun run = new BackupRun(backup, new Pace((long) rate << 20), bar, err);
            print(to, run.copy(replicas, replica));
            return ExitCode.DONE;
        } catch (IOException e) {
            bar.end();
            throw new OperatorException(
                    "the backup to %s failed: %s".formatted(to, Reason.of(e)), e);
        }
    }

    private void print(Path to, BackupManifest made) {
        Console console = Console.of(spec);
        if (json) {
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("directory", to.toString());
            page.put("cluster", made.origin().cluster().toString());
            page.put("fromPosition", made.snapshot().position());
            page.put("fromTime", made.fromTime().toString());
            page.put("toPosition", made.last());
            page.put("toTime", made.toTime().toString());
            page.put("snapshotBytes", made.snapshot().sizeBytes());
            page.put("historyBytes", made.historyBytes());
            console.json(page);
            return;
        }
        console.line("Backup of cluster %s in %s:", made.origin().cluster(), to);
        console.line(
                "  snapshot at position %d (%s), %.1f MiB",
                made.snapshot().position(),
                made.fromTime(),
                mebibytes(made.snapshot().sizeBytes()));
        console.line(
                "  history through position %d (%s), %.1f MiB",
                made.last(), made.toTime(), mebibytes(made.historyBytes()));
        console.line(
                "A new cluster of it: %s restore %s --config NEW-cluster.yaml",
                Invocation.name(), to);
    }

    private static double mebibytes(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
