package dev.lockstep.cli;

import dev.lockstep.node.Node;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// `lockstep node`: one replica, in the foreground.
@Command(
        name = "node",
        description = {
            "Runs one replica of a cluster in the foreground until SIGTERM or Ctrl-C, which drain it:"
                    + " it takes no more requests, hands over leadership and answers what it took.",
            "",
            "A new cluster's replicas need an identity: run 'lockstep init' once before. On an empty"
                    + " directory without one a replica joins the cluster that runs, see 'lockstep"
                    + " member --help'."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep node --config cluster.yaml --id 2",
            "  lockstep node --config cluster.yaml --id 2 --class-path counter.jar",
            "                      with 'service: com.example.Counter' in cluster.yaml",
            "  LOCKSTEP_LOG=debug lockstep node --id 1      says more"
        })
final class NodeCommand implements Callable<Integer> {

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--id",
            paramLabel = "ID",
            required = true,
            description = "Which member of the configuration this process is.")
    private int id;

    @Option(
            names = {"--class-path", "-cp"},
            paramLabel = "PATH",
            description =
                    "Jars and directories with the service's classes, separated as in Java's own"
                            + " class path.")
    private @Nullable String classPath;

    @Option(
            names = "--until-parent-ends",
            hidden = true,
            description = "Stops when the standard input ends: a parent that dies takes it along.")
    private boolean supervised;

    @Override
    public Integer call() throws InterruptedException {
        NodeConfig node = load(config.file(), id);
        if (classPath != null) {
            Thread.currentThread().setContextClassLoader(loaderOf(classPath));
        }
        return run(Console.of(spec), node, supervised);
    }

    static NodeConfig load(Path file, int id) {
        // Before the first logger is made: logback.xml reads it.
        System.setProperty("lockstep.log", System.getenv().getOrDefault("LOCKSTEP_LOG", "info"));
        return NodeConfig.load(file, id);
    }

    /// Runs a replica until it ends.
    static int run(Console console, NodeConfig node, boolean supervised)
            throws InterruptedException {
        Node running = Node.start(node).closeOnTermination();
        if (supervised) {
            closeWithParent(running);
        }
        console.line(
                running.status().member()
                        ? "Replica %d serves clients on %s:%d"
                        : "Replica %d follows the cluster, and tells clients where that is on %s:%d",
                node.self().value(),
                node.member().host(),
                running.clientPort());
        running.awaitTermination();
        running.failure()
                .ifPresent(
                        sentence -> {
                            throw new OperatorException(sentence);
                        });
        return ExitCode.DONE;
    }

    static ClassLoader loaderOf(String path) {
        List<URL> urls = new ArrayList<>();
        for (String part : path.split(File.pathSeparator, -1)) {
            Path entry = Path.of(part);
            if (!Files.exists(entry)) {
                throw new OperatorException(
                        "there is no " + entry + ", which --class-path names: build it first");
            }
            try {
                urls.add(entry.toUri().toURL());
            } catch (MalformedURLException e) {
                throw new OperatorException("--class-path names " + entry + ": " + e, e);
            }
        }
        return new URLClassLoader(
                "service", urls.toArray(URL[]::new), NodeCommand.class.getClassLoader());
    }

    /// The standard input is a pipe from the parent, which never writes: it ends with the parent,
    /// however that ends.
    private static void closeWithParent(Node node) {
        Thread.ofPlatform()
                .name("parent-watch")
                .daemon()
                .start(
                        () -> {
                            try {
                                while (System.in.read() >= 0) {
                                    // Whatever a parent writes has no meaning.
                                }
                            } catch (IOException e) {
                                // A broken pipe ends it as well.
                            }
                            node.close();
                        });
    }
}
