package dev.lockstep.cli;

import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/// `lockstep authority`: one replica of a configuration authority, in the foreground.
@Command(
        name = "authority",
        description = {
            "Runs one replica of a configuration authority in the foreground until SIGTERM or Ctrl-C."
                    + " Clusters with faults: fail-stop need an authority: it says which of their"
                    + " replicas go on when one is silent.",
            "",
            "It is a small cluster of its own, with service: authority and an order for crash"
                    + " faults; three replicas of it survive the death of one. It may serve many"
                    + " clusters."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep init --new --authority --config authority.yaml",
            "  lockstep init --config authority.yaml --id 1    and so for 2 and 3",
            "  lockstep authority --config authority.yaml --id 1",
            "  lockstep init --new --fail-stop authority.yaml",
            "                      a cluster of two replicas that asks this authority"
        })
final class AuthorityCommand implements Callable<Integer> {

    static final String SERVICE = "authority";

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--id",
            paramLabel = "ID",
            required = true,
            description = "Which member of the configuration this process is.")
    private int id;

    @Override
    public Integer call() throws InterruptedException {
        NodeConfig node = NodeCommand.load(config.file(), id);
        if (!node.service().equals(SERVICE)) {
            throw new OperatorException(
                    "%s is for service %s, and a configuration authority has service: %s: write its file with 'lockstep init --new --authority --config authority.yaml'"
                            .formatted(config.file(), node.service(), SERVICE));
        }
        return NodeCommand.run(Console.of(spec), node, false);
    }
}
