package dev.lockstep.cli;

import dev.lockstep.node.ClusterClient;
import dev.lockstep.node.GatewayServer;
import dev.lockstep.node.NodeConfig;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.Callable;

/// `lockstep gateway`: another protocol's port outside of the replicas.
@Command(
        name = "gateway",
        description = {
            "Serves Redis clients on a port of this process, which is itself a client of the cluster,"
                    + " in the foreground until SIGTERM or Ctrl-C.",
            "",
            "With faults: byzantine a replica has no such port, because one replica's answer is not to"
                    + " be believed and a Redis client cannot count votes. This process can: it asks"
                    + " all replicas and passes on what enough of them say alike. Whoever connects"
                    + " trusts this process, so run it beside those who do; several may run."
        },
        footer = {
            "",
            "Examples:",
            "  lockstep gateway                          Redis on 127.0.0.1:6379",
            "  lockstep gateway --config cluster.yaml --redis-port 6400",
            "  lockstep gateway --client 2               with the key of client 2"
        })
final class GatewayCommand implements Callable<Integer> {

    private static final String REDIS = "redis";
    private static final int MAX_PORT = 0xffff;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Where to listen. Default: ${DEFAULT-VALUE}")
    private String host = "";

    @Option(
            names = "--redis-port",
            paramLabel = "PORT",
            defaultValue = "6379",
            description = "The port; 0 for any free one. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--client",
            paramLabel = "N",
            description =
                    "With faults: byzantine, sign with the key of the client with this number."
                            + " Default: signatures: {client: …} of the configuration, which is 1.")
    private @Nullable Integer client;

    @Override
    public Integer call() throws InterruptedException {
        if (port < 0 || port > MAX_PORT) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "--redis-port is " + port + "; choose from 0 to " + MAX_PORT + ".");
        }
        // Before the first logger is made: logback.xml reads it.
        System.setProperty("lockstep.log", System.getenv().getOrDefault("LOCKSTEP_LOG", "info"));
        NodeConfig cluster = ClusterFile.load(config.file());
        GatewayServer server =
                GatewayServer.start(
                        cluster,
                        REDIS,
                        client == null
                                ? ClusterClient.of(cluster)
                                : ClusterClient.of(cluster, client),
                        new InetSocketAddress(host, port));
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(server::close));
        int needed = GatewayServer.equalAnswersNeeded(cluster);
        Console.of(spec)
                .line(
                        needed == 1
                                ? "Redis clients are served on %s:%d by this client of the cluster."
                                : "Redis clients are served on %s:%d by this client of the cluster,"
                                        + " which asks all %d replicas and believes what %d of them"
                                        + " say alike.",
                        host,
                        server.port(),
                        cluster.members().size(),
                        needed);
        server.awaitTermination();
        return ExitCode.DONE;
    }
}
