package dev.lockstep.testkit.simulator;

import dev.lockstep.core.Reign;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.replica.Replica;
import dev.lockstep.testkit.simulator.Exercised.Deed;
import dev.lockstep.testkit.simulator.Script.Topic;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The connections of clients to replicas: whatever is sent arrives in order, or the connection
/// ends.
final class ClientNetwork {

    private static final long MS = 1_000_000L;

    /// How long somebody dials who gets no answer.
    private static final long DIAL_NANOS = 300 * MS;

    /// A node closes the connection of a client that leaves more replies unread, as it does where
    /// they fill its buffer.
    private static final int MOST_UNREAD = 6;

    static final class Connection {
        private final long number;
        private final SimClient.Life client;
        private final SimNode node;
        private final int boot;
        private boolean isUp = true;
        private boolean isStalled;
        private long lastToNode;

        /// The epoch that the replica has told of last: what a client signs is for it.
        private long epoch = 1;

        private long lastToClient;

        /// Replies that wait for their client to read on.
        private int unread;

        Connection(long number, SimClient.Life client, SimNode node) {
            this.number = number;
            this.client = client;
            this.node = node;
            this.boot = node.boot();
        }
    }

    private final World world;
    private final TreeMap<Long, Connection> connections = new TreeMap<>();
    private final boolean[][] cuts;

    /// What stays cut whatever [#mendAll] mends.
    private final boolean[][] keptCuts;

    /// By client: when it reads what it is sent.
    private final long[] readsAt;

    private long numbered;

    ClientNetwork(World world, int clients, int replicas) {
        this.world = world;
        this.readsAt = new long[clients];
        this.cuts = new boolean[clients][replicas];
        this.keptCuts = new boolean[clients][replicas];
    }

    /// From now on nothing passes between a client and a replica.
    void cut(int client, SimNode node) {
        cuts[client][node.index()] = true;
        world.trace.cut(world.nodes.size() + client, node.index());
    }

    void mendAll() {
        world.trace.mended();
        for (boolean[] row : cuts) {
            Arrays.fill(row, false);
        }
    }

    private void about(SimClient.Life client, SimNode node) {
        world.chance.about(Topic.REQUEST, client.index(), node.index());
    }

    private boolean isCut(SimClient.Life client, SimNode node) {
        return cuts[client.index()][node.index()] || keptCuts[client.index()][node.index()];
    }

    /// Until [#releaseCuts] nothing passes between a client and a replica.
    void keepCut(int client, SimNode node) {
        keptCuts[client][node.index()] = true;
    }

    void releaseCuts() {
        for (boolean[] row : keptCuts) {
            Arrays.fill(row, false);
        }
    }

    /// All connections of clients to one replica end.
    void resetAll(SimNode node) {
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.node == node) {
                end(connection);
            }
        }
    }

    /// A client reads nothing for a while; what it is sent waits.
    void stopReading(SimClient.Life client, long nanos) {
        world.exercised.note(Deed.READERS_SLOW);
        world.trace.note(() -> client + " reads nothing for " + nanos / MS + " ms");
        readsAt[client.index()] = Math.max(readsAt[client.index()], world.nowNanos() + nanos);
    }

    /// A client dials; it is told how that went.
    void connect(SimClient.Life client, SimNode node) {
        boolean unreachable = isCut(client, node);
        about(client, node);
        long takes = unreachable ? DIAL_NANOS : 2 * world.delay();
        world.timeline.after(
                takes,
                () -> {
                    if (!client.isDriven()) {
                        return;
                    }
                    if (unreachable || !node.isUp() || isCut(client, node)) {
                        client.onDisconnected(node);
                    } else {
                        Connection made = new Connection(++numbered, client, node);
                        connections.put(made.number, made);
                        Reign reign = node.replica().reign();
                        made.epoch = reign.epoch().value();
                        client.onConnected(node, made, reign);
                    }
                });
    }

    /// A client's command.
    void command(Connection connection, long session, long sequence, long known, byte[] command) {
        if (world.enoughVotes() != null) {
            Bytes body = Bytes.wrap(command);
            send(connection, new ClientRequest.Command(session, sequence, known, body));
            return;
        }
        toNode(
                connection,
                "command",
                () -> "command #" + sequence,
                (replica, now) -> {
                    ClientReply.Status status =
                            replica.onCommand(
                                    now,
                                    connection.number,
                                    session,
                                    sequence,
                                    known,
                                    command,
                                    0,
                                    command.length);
                    if (status != ClientReply.Status.OK) {
                        refuse(connection, replica, status, session, sequence);
                    }
                });
    }

    private void refuse(
            Connection connection,
            Replica replica,
            ClientReply.Status status,
            long session,
            long sequence) {
        Bytes sentence = Bytes.wrap(replica.refusal().getBytes(StandardCharsets.UTF_8));
        reply(
                connection.number,
                new ClientReply(ClientReply.Kind.COMMAND, status, session, sequence, 0, sentence));
    }

    /// Any other request of a client.
    void send(Connection connection, ClientRequest request) {
        toNode(connection, kind(request), () -> label(request), input(connection, request));
    }

    /// Where members may lie clients sign, as the product's do.
    private SimNode.Input input(Connection connection, ClientRequest request) {
        if (world.enoughVotes() == null) {
            return (replica, now) -> replica.onClient(now, connection.number, request);
        }
        int kind = ClientCodec.frameKind(request);
        BytesWriter out = new BytesWriter(128);
        ClientCodec.encode(request, out);
        Bytes content = out.toBytes();
        int client = connection.client.index() + 1;
        Bytes proof = SimRequestKeys.prove(connection.epoch, client, kind, content);
        return (replica, now) -> replica.onSigned(now, connection.number, kind, content, proof);
    }

    private void toNode(
            Connection connection, String kind, Supplier<String> text, SimNode.Input input) {
        if (!connection.isUp) {
            return;
        }
        int line = world.lineOf(connection.client);
        long number = world.trace.sent(line, connection.node.index());
        name(number, kind, text);
        if (stalls(connection)) {
            world.trace.lost(number);
            return;
        }
        about(connection.client, connection.node);
        long at = Math.max(world.nowNanos() + world.delay(), connection.lastToNode + 1);
        connection.lastToNode = at;
        world.timeline.at(
                at,
                () -> {
                    SimNode node = connection.node;
                    boolean isHeard = !world.liars.censors(node.index(), connection.client);
                    if (isHeard
                            && connection.isUp
                            && node.isUp()
                            && node.boot() == connection.boot) {
                        world.timeline.fold(connection.number);
                        world.trace.note(() -> connection.client + " → " + node);
                        world.trace.arrived(number);
                        node.input(input);
                    } else {
                        world.trace.lost(number);
                    }
                });
    }

    private void name(long number, String kind, Supplier<String> text) {
        if (world.trace.isKept()) {
            String words = text.get();
            world.trace.named(number, kind, words, words);
        }
    }

    private static String kind(ClientRequest request) {
        return switch (request) {
            case ClientRequest.Open _ -> "open";
            case ClientRequest.Command _ -> "command";
            case ClientRequest.Query _ -> "query";
            case ClientRequest.Skip _ -> "skip";
            case ClientRequest.KeepAlive _ -> "keep-alive";
            case ClientRequest.Close _ -> "close";
        };
    }

    private static String label(ClientRequest request) {
        String which =
                switch (request) {
                    case ClientRequest.Command command -> " #" + command.sequence();
                    case ClientRequest.Query query ->
                            " #" + query.number() + " " + query.freshness();
                    case ClientRequest.Skip skip -> " #" + skip.sequence();
                    case ClientRequest.Open _, ClientRequest.KeepAlive _ -> "";
                    case ClientRequest.Close _ -> "";
                };
        return kind(request) + which.toLowerCase(Locale.ROOT);
    }

    private static String label(ClientReply reply) {
        String what = reply.kind().name().toLowerCase(Locale.ROOT);
        String which = reply.kind() == ClientReply.Kind.OPEN ? "" : " #" + reply.sequence();
        return what + which + " " + reply.status();
    }

    /// A replica's reply.
    void reply(long number, ClientReply reply) {
        toClient(
                number,
                "reply",
                () -> label(reply),
                connection -> connection.client.onReply(connection.node, reply));
    }

    /// A replica's advice on the best entry.
    void preferredEntry(long number, int replica) {
        toClient(
                number,
                "advice",
                () -> "go to " + replica,
                connection -> connection.client.onPreferredEntry(replica));
    }

    /// A replica knows of other members than before: it tells its clients.
    void tellMembers(SimNode node, Reign reign) {
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.node == node && connection.boot == node.boot()) {
                toClient(
                        connection.number,
                        "members",
                        () -> "members of epoch " + reign.epoch(),
                        told -> {
                            told.epoch = reign.epoch().value();
                            told.client.onMembers(node.id().value(), reign);
                        });
            }
        }
    }

    /// A client hangs up on a replica.
    void leave(@Nullable Connection connection) {
        if (connection != null) {
            about(connection.client, connection.node);
            world.timeline.after(world.delay(), () -> drop(connection));
        }
    }

    private void drop(Connection connection) {
        if (connection.isUp) {
            connection.isUp = false;
            connections.remove(connection.number);
            hangUp(connection);
        }
    }

    private static void hangUp(Connection connection) {
        SimNode node = connection.node;
        if (node.isUp() && node.boot() == connection.boot) {
            node.input((replica, _) -> replica.onClientGone(connection.number));
        }
    }

    private void toClient(
            long number, String kind, Supplier<String> text, Consumer<Connection> what) {
        Connection connection = connections.get(number);
        if (connection == null || !connection.isUp) {
            return;
        }
        int line = world.lineOf(connection.client);
        long traced = world.trace.sent(connection.node.index(), line);
        name(traced, kind, text);
        if (stalls(connection)) {
            world.trace.lost(traced);
            return;
        }
        long reads = readsAt[connection.client.index()];
        boolean waits = world.nowNanos() < reads;
        if (waits && connection.unread == MOST_UNREAD) {
            world.exercised.note(Deed.READERS_DROPPED);
            connection.isStalled = true;
            world.trace.lost(traced);
            about(connection.client, connection.node);
            world.timeline.after(world.delay(), () -> end(connection));
            return;
        }
        connection.unread += waits ? 1 : 0;
        about(connection.client, connection.node);
        long arrives = Math.max(world.nowNanos() + world.delay(), reads);
        long at = Math.max(arrives, connection.lastToClient + 1);
        connection.lastToClient = at;
        world.timeline.at(
                at,
                () -> {
                    connection.unread -= waits ? 1 : 0;
                    if (connection.isUp && connection.client.isDriven()) {
                        world.timeline.fold(-connection.number);
                        world.trace.note(() -> connection.node + " → " + connection.client);
                        world.trace.arrived(traced);
                        what.accept(connection);
                    } else {
                        world.trace.lost(traced);
                    }
                });
    }

    /// True if nothing gets through any more; both ends notice after a while.
    private boolean stalls(Connection connection) {
        if (!connection.isStalled && isCut(connection.client, connection.node)) {
            connection.isStalled = true;
            about(connection.client, connection.node);
            world.timeline.after(world.chance.below(DIAL_NANOS), () -> end(connection));
        }
        return connection.isStalled;
    }

    /// One of the connections of a client ends.
    void reset(SimClient.Life client) {
        for (Connection connection : connections.values()) {
            if (connection.client == client && connection.isUp) {
                world.trace.note(() -> client + "'s connection to " + connection.node + " ends");
                end(connection);
                return;
            }
        }
    }

    private void end(Connection connection) {
        if (!connection.isUp) {
            return;
        }
        connection.isUp = false;
        connections.remove(connection.number);
        world.exercised.note(Deed.CLIENT_CONNECTIONS_LOST);
        if (connection.client.isDriven() && connection.client.has(connection)) {
            connection.client.onDisconnected(connection.node);
        }
        hangUp(connection);
    }

    /// A client is gone.
    void onGone(SimClient.Life client) {
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.client == client) {
                about(connection.client, connection.node);
                world.timeline.after(world.delay(), () -> end(connection));
            }
        }
    }

    /// A process has died: its clients hear of it.
    void onDown(SimNode node) {
        for (Connection connection : List.copyOf(connections.values())) {
            if (connection.node == node) {
                about(connection.client, connection.node);
                world.timeline.after(world.delay(), () -> end(connection));
            }
        }
    }
}
