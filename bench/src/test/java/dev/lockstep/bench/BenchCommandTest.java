package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.cli.Subcommand;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ServiceLoader;

/// What the command line refuses, before anything is started.
class BenchCommandTest {

    @Test
    void theCommandIsFoundByItsHost() {
        assertThat(ServiceLoader.load(Subcommand.class))
                .anyMatch(subcommand -> subcommand instanceof BenchCommand);
    }

    @Test
    void impossibleMeasurementsAreRefusedInASentence() {
        assertThat(refusal("-c", "9000"))
                .startsWith(
                        "a session has at most 8192 requests in flight: give --sessions 2 or more for"
                                + " 9000");
        assertThat(refusal("-c", "0")).startsWith("--in-flight must be at least 1, not 0");
        assertThat(refusal("--reads", "101")).startsWith("--reads is a percentage, not 101");
        assertThat(refusal("--key-bytes", "3"))
                .startsWith("--key-bytes 3 is too little for 10000 keys");
        assertThat(refusal("--config", "cluster.yaml", "--failover", "1"))
                .startsWith("--failover kills replicas");
        assertThat(refusal("--config", "cluster.yaml", "--catch-up", "1"))
                .startsWith("--catch-up kills replicas");
        assertThat(refusal("--failover", "1", "--catch-up", "1"))
                .startsWith("give either --catch-up or --failover");
        assertThat(refusal("--load", "30")).startsWith("--load belongs to --catch-up");
        assertThat(refusal("--rate", "30")).startsWith("--rate belongs to --catch-up");
        assertThat(refusal("--catch-up", "1", "--rate", "0"))
                .startsWith("--rate must be at least 1");
        assertThat(refusal("--catch-up", "1", "--rate", "5", "--load", "5"))
                .startsWith("give either --load or --rate");
        assertThat(refusal("--snapshots", "9", "--failover", "1"))
                .startsWith("give one of --catch-up, --failover and --snapshots");
        assertThat(refusal("--catch-up", "1", "--load", "0"))
                .startsWith("--load is a percentage, not 0");
        assertThat(refusal("--config", "cluster.yaml", "--jfr"))
                .startsWith("a cluster that runs already cannot be given other settings");
        assertThat(refusal("--durability", "maybe")).contains("maybe");
    }

    @Test
    void sitesThatCannotBeAreRefusedInASentence() {
        assertThat(refusal("--sites", "1,2")).startsWith("--sites wants three delays");
        assertThat(refusal("--sites", "1,2,x"))
                .startsWith("--sites wants milliseconds, such as 32,35,65, not x");
        assertThat(refusal("--sites", "1,2,3", "--jitter", "-1"))
                .startsWith("--jitter is from 0 to 1000 ms, not -1.0");
        assertThat(refusal("--jitter", "1")).startsWith("--jitter is of the ways between sites");
        assertThat(refusal("--plot", "p.svg")).startsWith("--plot draws sites");
        assertThat(refusal("--sites", "1,2,3", "--failover", "1"))
                .startsWith("--sites starts replicas and measures latency");
        assertThat(refusal("--sites", "1,2,3", "--reads", "1"))
                .startsWith("--sites measures commands: leave --reads out");
        assertThat(refusal("--sites", "1,2,3", "-c", "1,2"))
                .startsWith("--sites takes one number of --in-flight");
        assertThat(refusal("--sites", "1,2,3", "--setting", "order: leader"))
                .startsWith("--sites takes the order with --order");
    }

    @Test
    void ordersThatCannotBeComparedAreRefusedInASentence() {
        assertThat(refusal("--order", "leader,chance"))
                .startsWith(
                        "--order knows leader, logical-clock, synchronized-clock, replica-ids, not"
                                + " chance");
        assertThat(refusal("--order", "leader,leader"))
                .startsWith("--order names an order twice: leader,leader");
        assertThat(refusal("--order", "leader,replica-ids", "--failover", "1"))
                .startsWith("--failover, --catch-up and --snapshots take one --order");
        assertThat(refusal("--order", "replica-ids", "--failover", "1"))
                .startsWith("--failover kills the leader, and only --order leader has one");
        assertThat(refusal("--order", "leader,replica-ids", "--setting", "order-options: {a: b}"))
                .startsWith("order-options are of one order");
        assertThat(refusal("--sites", "1,2,3", "--setting", "order-options: {a: b}"))
                .startsWith("order-options are of one order");
        assertThat(refusal("--order", "leader", "--config", "cluster.yaml"))
                .startsWith("--order is of a cluster of its own");
        assertThat(refusal("--order", "leader", "--setting", "order: leader"))
                .startsWith("give the order with --order or with --setting");
    }

    private static String refusal(String... arguments) {
        StringWriter err = new StringWriter();
        CommandLine command =
                new CommandLine(new BenchCommand())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .setErr(new PrintWriter(err));
        assertThat(command.execute(arguments)).isEqualTo(2);
        return err.toString();
    }
}
