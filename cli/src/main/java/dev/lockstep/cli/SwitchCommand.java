package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep switch`: another order for a running cluster.
@Command(
        name = "switch",
        description =
                "Has a running cluster go over to another order. Every member's build must have it;"
                        + " change 'order:' in cluster.yaml as well, for replicas that come later.",
        footer = {"", "Examples:", "  lockstep switch --order leader"})
final class SwitchCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private AdminOption admin = new AdminOption();

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            required = true,
            description = "The order's name, as in cluster.yaml.")
    private String order = "";

    @Override
    public Integer call() throws InterruptedException {
        return Reconfiguring.run(
                Objects.requireNonNull(spec),
                admin.addresses(config, spec),
                Duration.ZERO,
                cluster -> cluster.switchOrder(order),
                "The order is " + order);
    }
}
