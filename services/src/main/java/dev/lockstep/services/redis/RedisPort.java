package dev.lockstep.services.redis;

import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.node.Gateway;
import dev.lockstep.node.GatewayContext;
import dev.lockstep.services.kv.CommandWriter;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;

/// What the connections of one port share.
///
/// Threading: the loop's thread.
final class RedisPort {

    /// So long a command waits for room in the cluster before its client hears of it.
    static final long PATIENCE_NANOS = 1_000_000_000L;

    /// As Redis's `maxclients`.
    static final int MOST_CONNECTIONS = 10_000;

    /// All connections together may hold this much, or an eighth of the heap if that is more.
    private static final long LEAST_HELD_BYTES = 32L << 20;

    /// Half of what the gateway takes: those under way may be few of many that have gone by.
    private static final int MOST_QUERIES = 4096;

    /// The commands of all connections under way may have so many bytes together, as
    /// [Outstanding#COMMAND_BYTES] counts them. More would not be faster, and what one sends would
    /// wait for all that others have sent.
    private static final int MOST_COMMAND_BYTES = 4 << 20;

    /// Commands of so many bytes of one connection do not wait for others'.
    private static final int LEAST_COMMAND_BYTES = 16 << 10;

    /// So many connections may have one small command each while others fill all there is.
    private static final int RESERVED_COMMANDS = 1024;

    private static final int KEPT_WRITER_BYTES = 64 << 10;
    private static final long CHECK_MILLIS = 250;

    private final GatewayContext context;
    private final PortTable table = new PortTable();
    private final RequestReader.Scratch scratch =
            new RequestReader.Scratch(
                    Math.max(LEAST_HELD_BYTES, Runtime.getRuntime().maxMemory() / 8));
    private final CommandWriter writer = new CommandWriter();
    private final PortStatistics statistics = new PortStatistics();

    private final List<RedisConnection> connections = new ArrayList<>();
    private final ReplyRoom room;
    private final List<RedisConnection> unflushed = new ArrayList<>();

    /// Connections that may go on, to be resumed by the loop.
    private final ArrayDeque<RedisConnection> awake = new ArrayDeque<>();

    private boolean resuming;

    /// Connections whose command the gateway did not take, each once, in the order of coming.
    private final LinkedHashSet<RedisConnection> withoutRoom = new LinkedHashSet<>();

    /// Connections that wait until less is owed to all.
    private final LinkedHashSet<RedisConnection> withoutReplyRoom = new LinkedHashSet<>();

    private boolean listeningForRoom;
    private boolean checking;

    /// Connections that want to ask a query.
    private final LinkedHashSet<RedisConnection> withoutQuery = new LinkedHashSet<>();

    private final ValueWindow queryValues = ValueWindow.ofQueries();
    private final ValueWindow commandValues = ValueWindow.ofCommands();
    private final FairShare commandBytes =
            new FairShare(
                    MOST_COMMAND_BYTES,
                    LEAST_COMMAND_BYTES,
                    RESERVED_COMMANDS * Outstanding.COMMAND_BYTES);

    private int queries;
    private int listeningPort;
    private long lastId;

    RedisPort(GatewayContext context, long mostReplyBytes) {
        this.context = context;
        this.room = new ReplyRoom(connections, mostReplyBytes);
        context.atFlush(this::flush);
    }

    GatewayContext context() {
        return context;
    }

    Gateway gateway() {
        return context.gateway();
    }

    ByteBufAllocator allocator() {
        return context.allocator();
    }

    PortTable table() {
        return table;
    }

    /// What requests and replies of all connections take, as last counted.
    long clientBytes() {
        return scratch.heldBytes() + room.owedBytes();
    }

    ReplyRoom room() {
        return room;
    }

    /// The requests of this kind that may bring large replies.
    ValueWindow values(PendingReply.Kind kind) {
        return kind == PendingReply.Kind.QUERY ? queryValues : commandValues;
    }

    /// The commands under way.
    FairShare commandBytes() {
        return commandBytes;
    }

    RequestReader.Scratch scratch() {
        return scratch;
    }

    PortStatistics statistics() {
        return statistics;
    }

    int maxRequestBytes() {
        return context.maxRequestBytes();
    }

    void listeningPort(int bound) {
        listeningPort = bound;
    }

    int listeningPort() {
        return listeningPort;
    }

    int connectionCount() {
        return connections.size();
    }

    List<RedisConnection> connections() {
        return connections;
    }

    /// Where requests are put together: one at a time.
    CommandWriter writer() {
        writer.trim(KEPT_WRITER_BYTES);
        return writer;
    }

    /// Takes a new connection; null if there are too many.
    @Nullable RedisConnection accept(Channel channel) {
        if (connections.size() >= MOST_CONNECTIONS) {
            statistics.rejectedConnection();
            return null;
        }
        statistics.acceptedConnection();
        ConnectionInfo info =
                new ConnectionInfo(
                        ++lastId,
                        address(channel.remoteAddress()),
                        address(channel.localAddress()));
        RedisConnection connection = new RedisConnection(this, channel, info);
        connections.add(connection);
        return connection;
    }

    /// Closes those that hold most while all together hold too much, as Redis evicts clients: many
    /// requests that never end must not fill the heap.
    void relieve() {
        while (scratch.isOverfull()) {
            RedisConnection largest = connections.getFirst();
            for (RedisConnection connection : connections) {
                if (connection.heldBytes() > largest.heldBytes()) {
                    largest = connection;
                }
            }
            largest.evict();
        }
    }

    void remove(RedisConnection connection) {
        connections.remove(connection);
        withoutRoom.remove(connection);
        withoutReplyRoom.remove(connection);
        withoutQuery.remove(connection);
    }

    void closeAll() {
        for (RedisConnection connection : List.copyOf(connections)) {
            connection.close();
        }
    }

    void markUnflushed(RedisConnection connection) {
        if (!connection.marked) {
            connection.marked = true;
            unflushed.add(connection);
        }
    }

    /// Resumes a connection soon, on the loop's thread and not within this call.
    void wake(RedisConnection connection) {
        if (!connection.woken) {
            connection.woken = true;
            awake.add(connection);
        }
        resumeSoon();
    }

    /// Lets those go on soon that wait for a share, if something is left.
    void serveSoon() {
        if (queryValues.share().isDue() || commandValues.share().isDue() || commandBytes.isDue()) {
            resumeSoon();
        }
    }

    private void resumeSoon() {
        if (!resuming) {
            resuming = true;
            context.eventLoop().execute(this::resume);
        }
    }

    /// True if one more query may wait in the replica; otherwise the connection is resumed when it
    /// may.
    boolean mayQuery(RedisConnection connection) {
        if (queries < MOST_QUERIES) {
            return true;
        }
        withoutQuery.add(connection);
        return false;
    }

    void query(Bytes query, PendingReply reply) {
        queries++;
        gateway().query(query, ClientRequest.Freshness.LINEARIZABLE, reply);
    }

    void queryAnswered() {
        queries--;
        if (queries <= MOST_QUERIES / 2) {
            wakeAll(withoutQuery);
        }
    }

    /// Resumes a connection when the gateway takes commands again, and in any case from time to
    /// time.
    void awaitRoom(RedisConnection connection) {
        withoutRoom.add(connection);
        if (!listeningForRoom) {
            listeningForRoom = true;
            gateway()
                    .onWritable(
                            () -> {
                                listeningForRoom = false;
                                wakeAll(withoutRoom);
                            });
        }
        checkSoon();
    }

    /// Resumes a connection when less is owed to all, and in any case from time to time.
    void awaitReplyRoom(RedisConnection connection) {
        withoutReplyRoom.add(connection);
        checkSoon();
    }

    private void checkSoon() {
        if (!checking) {
            checking = true;
            var _ = context.eventLoop().schedule(this::check, CHECK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void check() {
        checking = false;
        wakeAll(withoutRoom);
        if (!withoutReplyRoom.isEmpty()) {
            room.relieve();
            wakeAll(withoutReplyRoom);
        }
    }

    private void wakeAll(SequencedSet<RedisConnection> waiting) {
        waiting.forEach(this::wake);
        waiting.clear();
    }

    private void resume() {
        resuming = false;
        for (int left = awake.size(); left > 0; left--) {
            awake.remove().resume();
        }
        queryValues.share().serve();
        commandValues.share().serve();
        commandBytes.serve();
    }

    private void flush() {
        // A flush may end a connection, which may mark others.
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
        room.nextCycle();
        if (!withoutReplyRoom.isEmpty() && room.mayAsk(room.mostBytes() / 4)) {
            wakeAll(withoutReplyRoom);
        }
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(address);
    }
}
