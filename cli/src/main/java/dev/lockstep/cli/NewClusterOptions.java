package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// What a command that makes the data directories of a new cluster, or some of them, wants to know
/// of it beside its `cluster.yaml`.
final class NewClusterOptions {

    @Spec(Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Make the directory of this replica alone.")
    private @Nullable Integer id;

    @Option(
            names = "--cluster",
            paramLabel = "CLUSTER",
            description =
                    "The id of the new cluster, if cluster.yaml has none: the same on every"
                            + " machine. Default: a fresh one.")
    private @Nullable String cluster;

    @Option(
            names = {"--class-path", "-cp"},
            paramLabel = "PATH",
            description = "Jars and directories with the service's classes.")
    private @Nullable String classPath;

    /// True if anything is said of directories that are to be made.
    boolean areGiven() {
        return id != null || cluster != null;
    }

    /// True if the directories of the other replicas are made elsewhere.
    boolean isOneOfSeveral() {
        return id != null;
    }

    /// The id that the new cluster gets: as the command line says, or else `cluster.yaml`, or else
    /// a fresh one.
    ///
    /// @throws ParameterException if what the command line says is none
    ClusterId clusterId(NodeConfig any) {
        if (cluster == null) {
            ClusterId configured = any.clusterId();
            return configured != null ? configured : ClusterFile.freshId();
        }
        try {
            return ClusterId.parse(cluster);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--cluster wants 32 hexadecimal digits, not '" + cluster + "'.",
                    e);
        }
    }

    /// The replicas whose directories are to be made.
    List<NodeConfig> replicas(Path file, NodeConfig any) {
        if (id != null) {
            return List.of(NodeConfig.load(file, id));
        }
        return any.members().stream()
                .map(member -> NodeConfig.load(file, member.id().value()))
                .toList();
    }

    /// The directories are made.
    static void sayHowToStart(Console console, Path file, List<NodeConfig> replicas) {
        for (NodeConfig replica : replicas) {
            console.line(
                    "Replica %s has it in %s; start it with: %s node --config %s --id %s",
                    replica.self(),
                    replica.dataDirectory(),
                    Invocation.name(),
                    file,
                    replica.self());
        }
    }

    /// From now on this thread finds the service's classes.
    void useClassPath() {
        if (classPath != null) {
            Thread.currentThread().setContextClassLoader(NodeCommand.loaderOf(classPath));
        }
    }
}
