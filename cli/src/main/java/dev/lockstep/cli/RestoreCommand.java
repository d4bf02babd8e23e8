package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.node.BackupDirectory;
import dev.lockstep.node.BackupManifest;
import dev.lockstep.node.NodeConfig;
import dev.lockstep.node.Restore;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep restore`: a new cluster from a backup.
@Command(
        name = "restore",
        description = {
            "Makes the data directories of a new cluster from a backup, at its end or at an earlier"
                    + " position or time. Nothing needs to run; the directories must be empty.",
            "",
            "The new cluster has an id of its own, that of its cluster.yaml. Its positions and its"
                    + " agreed time go on from those of the backup. With --id only the directory of"
                    + " that replica is made: do the same on the machine of each."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep init --new --config new.yaml     first: its cluster.yaml",
            "  lockstep restore /backups/monday --config new.yaml",
            "  lockstep restore monday --config new.yaml --position 120000",
            "  lockstep restore monday --config new.yaml --until 2026-11-27T10:00:00Z",
            "  lockstep restore monday --config new.yaml --id 2    on replica 2's machine"
        })
final class RestoreCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private NewClusterOptions making = new NewClusterOptions();

    @Parameters(paramLabel = "DIR", description = "The backup, as 'lockstep backup' made it.")
    private @Nullable Path directory;

    @ArgGroup private End end = new End();

    /// Where to stop: one of the two, or at the backup's end.
    private static final class End {
        @Option(
                names = "--position",
                paramLabel = "P",
                required = true,
                description = "Restore what was executed through this position.")
        private @Nullable Long position;

        @Option(
                names = "--until",
                paramLabel = "TIME",
                required = true,
                description =
                        "Restore what was executed through this agreed time, such as"
                                + " 2026-11-27T10:00:00Z.")
        private @Nullable String until;
    }

    @Override
    public Integer call() {
        // Before the first logger is made: logback.xml reads it.
        System.setProperty("lockstep.log", System.getenv().getOrDefault("LOCKSTEP_LOG", "warn"));
        Path from = Objects.requireNonNull(directory);
        Instant until = until();
        NodeConfig any = ClusterFile.load(config.file());
        List<NodeConfig> members = making.replicas(config.file(), any);
        ClusterId id = making.clusterId(any);
        making.useClassPath();
        try (BackupDirectory backup = BackupDirectory.read(from)) {
            Restore restore = new Restore(backup, id, members);
            restore.check();
            long position = position(backup.manifest());
            checkUntil(backup.manifest(), until);
            report(from, id, any.clusterId() == null, members, run(restore, position, until));
            return ExitCode.DONE;
        } catch (IOException e) {
            throw new OperatorException(
                    "%s cannot be restored: %s".formatted(from, Reason.of(e)), e);
        }
    }

    private Restore.Result run(Restore restore, long last, Instant until) throws IOException {
        ProgressBar bar = ProgressBar.on(Objects.requireNonNull(spec).commandLine().getErr());
        long[] first = {0};
        try {
            return restore.run(
                    last,
                    until,
                    position -> {
                        first[0] = first[0] == 0 ? position : first[0];
                        bar.show("executed", position - first[0] + 1, last - first[0] + 1);
                    });
        } finally {
            bar.end();
        }
    }

    private Instant until() {
        if (end.until == null) {
            return Instant.MAX;
        }
        try {
            return Instant.parse(end.until);
        } catch (DateTimeParseException e) {
            throw wrong(
                    "--until wants a time such as 2026-11-27T10:00:00Z, not '" + end.until + "'.",
                    e);
        }
    }

    private ParameterException wrong(String sentence, Exception e) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence, e);
    }

    private long position(BackupManifest manifest) {
        Long wanted = end.position;
        if (wanted == null) {
            return manifest.last();
        }
        if (wanted < manifest.snapshot().position() || wanted > manifest.last()) {
            throw new OperatorException(
                    "the backup has positions %d to %d, and %d is none of them: choose one, or another backup"
                            .formatted(manifest.snapshot().position(), manifest.last(), wanted));
        }
        return wanted;
    }

    private void checkUntil(BackupManifest manifest, Instant until) {
        if (until.isBefore(manifest.fromTime())) {
            throw new OperatorException(
                    "the backup begins at %s, which is after %s: choose a later time, or an earlier backup"
                            .formatted(manifest.fromTime(), until));
        }
        if (end.until != null && until.isAfter(manifest.toTime())) {
            Console.of(spec)
                    .line(
                            "The backup ends at %s, before %s: it is restored to its end.",
                            manifest.toTime(), until);
        }
    }

    private void report(
            Path from,
            ClusterId cluster,
            boolean isNotInFile,
            List<NodeConfig> members,
            Restore.Result result) {
        Console console = Console.of(spec);
        console.line(
                "Cluster %s begins at position %d, agreed time %s.",
                cluster, result.position(), result.time());
        console.line(
                "State digest %s.",
                HexFormat.of().formatHex(result.digest().state().toByteArray()));
        if (making.isOneOfSeveral()) {
            console.line(
                    "On the machine of every other replica, with its own ID; the digest must be the"
                            + " same:");
            console.line(
                    "  %s restore %s --config %s --position %d --id ID%s",
                    Invocation.name(),
                    from,
                    config.file(),
                    result.position(),
                    isNotInFile ? " --cluster " + cluster : "");
        }
        NewClusterOptions.sayHowToStart(console, config.file(), members);
    }
}
