package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep switch`: the members of a running cluster go on in another order.
@Command(
        name = "switch",
        description = {
            "Has the members of a running cluster go on in another order, while clients go on.",
            "",
            "Exits with 0 when a majority of the members has it, also if it was so before."
        },
        footer = {"", "Example:", "  lockstep switch --order leader"})
final class SwitchCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();
    @Mixin private AdminOption admin = new AdminOption();

    @Option(
            names = "--order",
            paramLabel = "NAME",
            required = true,
            description = "How requests get their places, as 'order:' in cluster.yaml.")
    private @Nullable String order;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "How long to wait. What is missing and comes no nearer for 10 s ends it before."
                            + " Default: ${DEFAULT-VALUE}.")
    private int timeout;

    @Option(names = "--json", description = "Prints one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        String wanted = Objects.requireNonNull(order);
        return new MemberChangeRun(spec, admin.cluster(config, spec), timeout, json)
                .make(
                        run -> run.admin().switchOrder(wanted, run.timeout(), run::onProgress),
                        "The order is " + wanted + " now.",
                        "The order is " + wanted + " already.");
    }
}
