package dev.lockstep.node;

import dev.lockstep.api.LockstepException;
import dev.lockstep.api.StateMachine;
import dev.lockstep.client.ClientBuilder;
import dev.lockstep.core.FaultModel;
import dev.lockstep.net.NetworkLoop;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// A port that speaks another protocol than Lockstep's own, outside of the replicas: what comes in
/// there goes to the cluster as a client's requests. Where replicas may lie, this is the only way
/// to
/// serve clients that cannot count votes; whoever connects trusts this process.
///
/// Threading: any thread; it has one of its own.
public final class GatewayServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);
    private static final long LONGEST_POLL_NANOS = 250_000_000L;

    private final NodeConfig config;
    private final ClientBuilder client;
    private final GatewayService service;
    private final InetSocketAddress address;
    private final Class<? extends StateMachine> machineType;
    private final Thread thread;
    private final CompletableFuture<Integer> listening = new CompletableFuture<>();
    private volatile boolean closing;

    private GatewayServer(
            NodeConfig config,
            ClientBuilder client,
            GatewayService service,
            InetSocketAddress address,
            Class<? extends StateMachine> machineType) {
        this.config = config;
        this.client = client;
        this.service = service;
        this.address = address;
        this.machineType = machineType;
        this.thread = Thread.ofPlatform().name("lockstep-gateway").unstarted(this::run);
    }

    /// Returns when the port listens and enough replicas are connected.
    ///
    /// @param protocol the name of a gateway on the class path, such as `redis`
    /// @param client how to reach the cluster ([ClusterClient])
    /// @param address where to listen; port 0 for any free one
    /// @throws ConfigException if it cannot
    public static GatewayServer start(
            NodeConfig config, String protocol, ClientBuilder client, InetSocketAddress address) {
        Class<? extends StateMachine> machineType =
                Services.machine(config.service(), config.serviceOptions()).get().getClass();
        GatewayServer server =
                new GatewayServer(
                        config,
                        client,
                        service(config, protocol, machineType),
                        address,
                        machineType);
        server.thread.start();
        try {
            var _ = server.listening.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ConfigException sentence) {
                throw sentence;
            }
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ConfigException("the gateway cannot start: " + cause.getMessage(), cause);
        }
        return server;
    }

    private static GatewayService service(
            NodeConfig config, String protocol, Class<? extends StateMachine> machineType) {
        for (GatewayService each : Services.gateways()) {
            if (each.name().equals(protocol)) {
                if (!each.serves(machineType)) {
                    throw new ConfigException(
                            "a gateway for %s is for another kind of service than %s"
                                    .formatted(protocol, config.service()));
                }
                return each;
            }
        }
        throw new ConfigException(
                "there is no gateway for %s on the class path; there is %s"
                        .formatted(protocol, YamlSection.orOf(Services.gatewayNames())));
    }

    /// The port that was bound.
    public int port() {
        return listening.join();
    }

    private void run() {
        try (NetworkLoop loop = NetworkLoop.create()) {
            ClientGateway gateway = new ClientGateway(loop, client, about());
            service.start(
                    new LoopGatewayContext(
                            loop,
                            address,
                            gateway,
                            machineType,
                            config.limits().requestBytes(),
                            config.serviceOptions(),
                            listening::complete,
                            cause ->
                                    listening.completeExceptionally(
                                            new ConfigException(
                                                    "the gateway cannot listen on %s: %s"
                                                            .formatted(address, cause.getMessage()),
                                                    cause))));
            while (!closing && !listening.isCompletedExceptionally()) {
                loop.flush();
                loop.poll(gateway.waitNanos(LONGEST_POLL_NANOS));
                gateway.advance();
            }
            service.close();
            gateway.close();
            loop.flush();
        } catch (LockstepException refused) {
            fail(new ConfigException(String.valueOf(refused.getMessage()), refused));
        } catch (Throwable broken) {
            fail(broken);
        }
    }

    private void fail(Throwable why) {
        if (!listening.completeExceptionally(why)) {
            LOG.error("the gateway has stopped", why);
        }
    }

    private SequencedMap<String, String> about() {
        SequencedMap<String, String> about = new LinkedHashMap<>();
        about.put("gateway", "a client of the cluster");
        about.put("votes_counted", Boolean.toString(config.faults() == FaultModel.BYZANTINE));
        about.put("replicas", Integer.toString(config.members().size()));
        if (config.faults() == FaultModel.BYZANTINE) {
            about.put("equal_answers_needed", Integer.toString(equalAnswersNeeded(config)));
        }
        return about;
    }

    /// So many replicas must answer alike; 1 where replicas do not lie.
    public static int equalAnswersNeeded(NodeConfig config) {
        return config.faults() == FaultModel.BYZANTINE
                ? NodeKeys.resilience(config).tolerated(config.members().size()) + 1
                : 1;
    }

    /// Waits until it has stopped.
    public void awaitTermination() throws InterruptedException {
        thread.join();
    }

    /// Disconnects everybody and ends the session; returns when that is done.
    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The protocols that there are gateways for.
    public static List<String> protocols() {
        return Services.gatewayNames();
    }
}
