package dev.lockstep.cli;

import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep init`: a cluster's configuration, and a replica's identity.
@Command(
        name = "init",
        description = {
            "Writes a new cluster's configuration (--new), or gives a replica its identity (--id).",
            "",
            "The identity makes a replica one of those with which the cluster begins: give it once,"
                    + " before the first start, and never again. A replica that lost its disk is"
                    + " started without: it follows the others, and they take it in again."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep init --new                           write cluster.yaml: 3 replicas",
            "  lockstep init --new --config a.yaml --host db1  the same, elsewhere",
            "  lockstep init --config cluster.yaml --id 2    on the machine of replica 2"
        })
final class InitCommand implements Callable<Integer> {

    private static final String DATA = ".lockstep/{id}";

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            defaultValue = "3",
            description = "With --new: how many replicas. 3 survive the loss of 1, 5 of 2.")
    private int replicas;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "With --new: the host to begin with; edit the file for several hosts.")
    private String host = "";

    /// One of the two.
    private static final class What {
        @Option(names = "--new", required = true, description = "Write a new configuration.")
        private boolean newFile;

        @Option(
                names = "--id",
                paramLabel = "ID",
                required = true,
                description = "Give this replica of the configuration its identity.")
        private @Nullable Integer id;
    }

    @Override
    public Integer call() {
        Console console = Console.of(spec);
        if (what.newFile) {
            writeFile(console);
        } else if (what.id != null) {
            NodeConfig node = NodeConfig.load(config.file(), what.id);
            Node.init(node);
            console.line(
                    "Replica %d has its identity in %s; start it with: lockstep node --config %s"
                            + " --id %d",
                    what.id, node.dataDirectory(), config.file(), what.id);
        }
        return ExitCode.DONE;
    }

    private void writeFile(Console console) {
        if (replicas < 1 || replicas > 99) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--replicas is " + replicas + "; choose from 1 to 99.");
        }
        Path file = config.fileToWrite();
        ClusterFile.writeNew(
                file,
                ClusterFile.text(
                        ClusterFile.freshId(),
                        MemberPorts.onOneHost(replicas, host, port -> port),
                        DATA));
        console.line(
                "Wrote %s for %d replicas. On each replica's machine: lockstep init --config %s"
                        + " --id ID",
                file, replicas, file);
    }
}
