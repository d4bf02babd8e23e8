package dev.lockstep.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Files;
import java.nio.file.Path;

/// The option `--config`, alike in every command.
final class ConfigOption {

    /// Where `lockstep demo` keeps its own.
    static final Path OF_DEMO = Path.of(".lockstep", "cluster.yaml");

    private static final Path HERE = Path.of("cluster.yaml");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "The cluster's configuration. Default: ./cluster.yaml, or else"
                            + " .lockstep/cluster.yaml, which 'lockstep demo' writes.")
    private @Nullable Path file;

    /// The file that was named or, if none was, the default that exists.
    Path file() {
        if (file != null) {
            return file;
        }
        if (Files.exists(HERE)) {
            return HERE;
        }
        if (Files.exists(OF_DEMO)) {
            return OF_DEMO;
        }
        throw new OperatorException(
                "there is no cluster.yaml here: name one with --config, write one with 'lockstep"
                        + " init --new', or run 'lockstep demo'");
    }

    /// True if [#file()] finds one.
    boolean isThere() {
        return file != null || Files.exists(HERE) || Files.exists(OF_DEMO);
    }

    /// The file that was named, or `cluster.yaml` here.
    Path fileToWrite() {
        return file == null ? HERE : file;
    }
}
