package dev.lockstep.bench;

import dev.lockstep.cli.OperatorException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// The options of `lockstep bench` that say how the replicas it starts are run.
final class ReplicasOptions {

    @Option(
            names = "--durability",
            paramLabel = "fsync|os|memory",
            defaultValue = "fsync",
            description =
                    "What the replicas wait for before they acknowledge. Default: ${DEFAULT-VALUE}")
    private Durability durability = Durability.FSYNC;

    @Option(
            names = "--faults",
            paramLabel = "crash|byzantine",
            defaultValue = "crash",
            description =
                    "What a faulty replica may do; with byzantine members and clients sign, and"
                            + " clients count answers. Default: ${DEFAULT-VALUE}")
    private Faults faults = Faults.CRASH;

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = "How many. Default: that survive one, 3 or with byzantine faults 4")
    private @Nullable Integer count;

    @Option(
            names = "--setting",
            paramLabel = "LINE",
            description =
                    "A further line for the cluster's cluster.yaml, such as 'journal-threading:"
                            + " inline'. May be given several times.")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--node-jvm",
            paramLabel = "OPTION",
            description =
                    "An option for the replicas' JVMs; {id} becomes the replica's number. May be"
                            + " given several times.")
    private List<String> nodeJvm = new ArrayList<>();

    @Option(
            names = "--jfr",
            description =
                    "Records each replica with the Flight Recorder, into its directory (implies"
                            + " --keep).")
    private boolean jfr;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the replicas' files go. Default: a directory that is removed.")
    private @Nullable Path directory;

    @Option(names = "--keep", description = "Keeps the replicas' files and logs.")
    private boolean keep;

    /// What the option says; lower case, as in cluster.yaml.
    enum Durability {
        FSYNC,
        OS,
        MEMORY
    }

    /// What the option says; lower case, as in cluster.yaml.
    enum Faults {
        CRASH,
        BYZANTINE
    }

    int count() {
        int usual = faults == Faults.CRASH ? 3 : 4;
        return count == null ? usual : count;
    }

    String durability() {
        return durability.name().toLowerCase(Locale.ROOT);
    }

    /// True if nothing was said that a cluster which runs already cannot be given.
    boolean areUsual() {
        return directory == null
                && faults == Faults.CRASH
                && count == null
                && settings.isEmpty()
                && nodeJvm.isEmpty()
                && !jfr;
    }

    boolean areKept() {
        return keep || jfr || directory != null;
    }

    /// True if a line for cluster.yaml is of this key.
    boolean hasSetting(String key) {
        return settings.stream().anyMatch(line -> line.startsWith(key + ":"));
    }

    /// Where a cluster's files go.
    ///
    /// @param name tells it from the other clusters of this run; empty if there is one
    Path place(String name) {
        return directory == null ? temporary() : directory.resolve(name);
    }

    /// Makes a cluster at a [#place]; if it cannot be made, nothing is left there of what was made
    /// for it.
    BenchCluster inPlace(Path place, Supplier<BenchCluster> make) {
        try {
            return make.get();
        } catch (RuntimeException e) {
            if (directory == null) {
                BenchCluster.delete(place);
            }
            throw e;
        }
    }

    /// Lines for cluster.yaml.
    List<String> settings() {
        List<String> lines = new ArrayList<>(settings);
        lines.add("durability: " + durability());
        if (faults == Faults.BYZANTINE) {
            lines.add("faults: byzantine");
            if (!hasSetting("order-options")) {
                lines.add("order-options: {view-timeout: 250ms}");
            }
        }
        return lines;
    }

    /// @param place where the replicas' files go
    List<String> jvmOptions(Path place) {
        List<String> jvm = new ArrayList<>(nodeJvm);
        if (jfr) {
            jvm.add(
                    "-XX:StartFlightRecording=settings=profile,filename="
                            + place.toAbsolutePath().resolve("replica-{id}.jfr"));
        }
        return jvm;
    }

    private static Path temporary() {
        try {
            // Not in /tmp, which is often in memory: what is measured is the disk here.
            return Files.createTempDirectory(Path.of("").toAbsolutePath(), ".lockstep-bench-");
        } catch (IOException e) {
            throw new OperatorException(
                    "no directory can be made here: name one with --directory (" + e + ")", e);
        }
    }
}
