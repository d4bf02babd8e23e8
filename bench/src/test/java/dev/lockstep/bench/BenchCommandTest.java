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
        assertThat(refusal("--snapshots", "9", "--failover", "1"))
                .startsWith("give one of --catch-up, --failover and --snapshots");
        assertThat(refusal("--catch-up", "1", "--load", "0"))
                .startsWith("--load is a percentage, not 0");
        assertThat(refusal("--config", "cluster.yaml", "--jfr"))
                .startsWith("a cluster that runs already cannot be given other settings");
        assertThat(refusal("--durability", "maybe")).contains("maybe");
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
