package dev.lockstep.cli;

import dev.lockstep.core.ClusterId;
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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

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
            "  lockstep init --config cluster.yaml --id 2    on the machine of replica 2",
            "  lockstep init --new --authority --config authority.yaml",
            "                                                a configuration authority",
            "  lockstep init --new --fail-stop authority.yaml",
            "                                                2 replicas that ask it",
            "  lockstep init --new --byzantine               4 replicas, any may lie: then",
            "                                                'lockstep keys init'"
        })
final class InitCommand implements Callable<Integer> {

    private static final String DATA = ".lockstep/{id}";
    private static final String AUTHORITY_DATA = ".lockstep/authority/{id}";

    private static final List<String> RESILIENCES = List.of("3t+1", "2t+1");

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(
            names = "--replicas",
            paramLabel = "N",
            description = {
                "With --new: how many replicas. 3 survive the loss of 1, 5 of 2; with --fail-stop 2"
                        + " survive the loss of 1; with --byzantine 4 survive a lie of 1. Default:"
                        + " that survive one."
            })
    private @Nullable Integer replicas;

    @Option(
            names = "--authority",
            description =
                    "With --new: the file of a configuration authority, for 'lockstep"
                            + " authority'.")
    private boolean authority;

    @Option(
            names = "--fail-stop",
            paramLabel = "FILE",
            description =
                    "With --new: for faults: fail-stop, under the configuration authority of"
                            + " this file.")
    private @Nullable Path failStop;

    @Option(
            names = "--byzantine",
            paramLabel = "RESILIENCE",
            arity = "0..1",
            fallbackValue = "3t+1",
            description =
                    "With --new: for faults: byzantine, where replicas may do anything at all: 3t+1,"
                            + " of which t may, or 2t+1, under a bound on delays. Default: 3t+1. They"
                            + " sign with keys that 'lockstep keys init' makes.")
    private @Nullable String byzantine;

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
                    "Replica %d has its identity in %s; start it with: lockstep %s --config %s"
                            + " --id %d",
                    what.id,
                    node.dataDirectory(),
                    node.service().equals(AuthorityCommand.SERVICE) ? "authority" : "node",
                    config.file(),
                    what.id);
        }
        return ExitCode.DONE;
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), sentence);
    }

    private String text(int count) {
        ClusterId id = ClusterFile.freshId();
        if (authority) {
            List<MemberPorts> members =
                    MemberPorts.onOneHost(count, host, port -> port + LocalAuthority.PORT_OFFSET);
            return ClusterFile.authorityText(id, members, AUTHORITY_DATA);
        }
        String text = ClusterFile.text(id, MemberPorts.onOneHost(count, host, port -> port), DATA);
        if (byzantine != null) {
            return ClusterFile.underByzantine(text, byzantine);
        }
        Path asked = failStop;
        if (asked == null) {
            return text;
        }
        NodeConfig one = ClusterFile.load(asked);
        ClusterId authorityId = one.clusterId();
        if (authorityId == null || !one.service().equals(AuthorityCommand.SERVICE)) {
            throw new OperatorException(
                    "%s is no configuration authority's file: it needs service: %s and a cluster id; write one with 'lockstep init --new --authority'"
                            .formatted(asked, AuthorityCommand.SERVICE));
        }
        String addresses =
                one.members().stream()
                        .map(member -> member.host() + ":" + member.clientPort())
                        .collect(Collectors.joining(","));
        return ClusterFile.underFailStop(
                LocalCluster.inOrder(text, LocalCluster.FAIL_STOP_ORDER), authorityId, addresses);
    }

    private void writeFile(Console console) {
        int count = replicas == null ? usualCount() : replicas;
        if (count < 1 || count > 99) {
            throw wrong("--replicas is " + count + "; choose from 1 to 99.");
        }
        if (authority && failStop != null) {
            throw wrong(
                    "--authority and --fail-stop are for two files: that of the authority, and that"
                            + " of a cluster which asks it.");
        }
        if (byzantine != null && (authority || failStop != null)) {
            throw wrong("--byzantine goes neither with --authority nor with --fail-stop.");
        }
        if (byzantine != null && !RESILIENCES.contains(byzantine)) {
            throw wrong("--byzantine is " + byzantine + "; choose 3t+1 or 2t+1.");
        }
        Path file = config.fileToWrite();
        ClusterFile.writeNew(file, text(count));
        console.line(
                "Wrote %s for %d replicas. On each replica's machine: lockstep init --config %s"
                        + " --id ID",
                file, count, file);
        if (byzantine != null) {
            console.line(
                    "They sign what they say, and so do clients: make their keys with 'lockstep keys"
                            + " init --config %s'.",
                    file);
        }
    }

    /// As many as survive one.
    private int usualCount() {
        if (byzantine != null) {
            return byzantine.equals("3t+1") ? 4 : 3;
        }
        return failStop == null ? 3 : 2;
    }
}
