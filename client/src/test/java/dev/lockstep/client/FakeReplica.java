package dev.lockstep.client;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Epoch;
import dev.lockstep.core.Incarnation;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientReply.Kind;
import dev.lockstep.core.wire.ClientReply.Status;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.net.ClientMembers;
import dev.lockstep.net.ConnectionOptions;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.FrameHandler;
import dev.lockstep.net.FrameServer;
import dev.lockstep.net.Hello;
import dev.lockstep.net.MemberAddress;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.ReplicaAddress;
import dev.lockstep.net.Welcome;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// A replica on a real port that answers everything at once: commands with `did …`, queries with
/// `saw …`. What it does otherwise, a test says.
final class FakeReplica implements AutoCloseable, FrameHandler {

    static final ClusterId CLUSTER = new ClusterId(1, 2);

    private final int id;
    private final NetworkLoop loop = NetworkLoop.create();
    private final Thread thread;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final List<FrameConnection> connections = new ArrayList<>();
    private final BytesWriter out = new BytesWriter(64);

    /// What it heard, as text.
    final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();

    /// The members it tells of.
    volatile List<MemberAddress> members;

    /// The epoch of which it tells that.
    volatile long epoch;

    volatile int preferred;

    /// Commands are swallowed.
    volatile boolean silent;

    /// Commands are answered with this.
    volatile Status status = Status.OK;

    /// Callers are refused with this, if not empty.
    volatile String refusal = "";

    private volatile boolean stopped;

    FakeReplica(int id) {
        this(id, 0);
    }

    FakeReplica(int id, int wantedPort) {
        this(id, wantedPort, 1, List.of());
    }

    /// One that tells of these members of this epoch from the start.
    FakeReplica(int id, int wantedPort, long epoch, List<MemberAddress> members) {
        this.id = id;
        this.epoch = epoch;
        this.members = members;
        this.thread = Thread.ofPlatform().daemon().start(() -> run(wantedPort));
    }

    private void run(int wantedPort) {
        FrameServer.bind(
                loop,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort),
                this::judge,
                server -> port.complete(server.port()),
                port::completeExceptionally);
        while (!stopped) {
            loop.poll(1_000_000_000L);
            loop.flush();
        }
        loop.close();
    }

    private FrameServer.Verdict judge(FrameConnection connection, Hello hello) {
        if (!refusal.isEmpty()) {
            return new FrameServer.Verdict.Refuse(Welcome.Reason.WRONG, refusal);
        }
        if (hello.clusterId() != null && !CLUSTER.equals(hello.clusterId())) {
            return new FrameServer.Verdict.Refuse(
                    Welcome.Reason.WRONG, "this is cluster " + CLUSTER);
        }
        Hello.Caller.Peer self =
                new Hello.Caller.Peer(
                        new ReplicaId(id),
                        new Incarnation(id, id),
                        1,
                        0,
                        new Epoch(epoch),
                        new ReplicaAddress("127.0.0.1", 1, 0, 0));
        return new FrameServer.Verdict.Accept(
                new Welcome.Accepted(Hello.WIRE_VERSION, CLUSTER, self, preferred, members),
                this,
                ConnectionOptions.forClients(1 << 20),
                () -> connections.add(connection));
    }

    @Override
    public void onFrame(
            FrameConnection connection, int kind, int group, byte[] bytes, int offset, int length) {
        ClientRequest request = ClientCodec.decodeRequest(kind, Bytes.wrap(bytes, offset, length));
        switch (request) {
            case ClientRequest.Open open -> {
                hear("open");
                reply(connection, Kind.OPEN, Status.OK, 7, open.nonce(), "");
            }
            case ClientRequest.Command command -> {
                String text = text(command.command());
                hear(command.sequence() + " " + text);
                if (!silent) {
                    reply(
                            connection,
                            Kind.COMMAND,
                            status,
                            7,
                            command.sequence(),
                            status == Status.OK ? "did " + text : "because");
                }
            }
            case ClientRequest.Skip skip ->
                    reply(connection, Kind.COMMAND, Status.OK, 7, skip.sequence(), "");
            case ClientRequest.Query query ->
                    reply(
                            connection,
                            Kind.QUERY,
                            Status.OK,
                            0,
                            query.number(),
                            "saw " + text(query.query()));
            case ClientRequest.KeepAlive _ -> reply(connection, Kind.SESSION, Status.OK, 7, 0, "");
            case ClientRequest.Close _ -> {
                hear("close");
                reply(connection, Kind.SESSION, Status.OK, 7, 0, "");
            }
        }
    }

    private void reply(
            FrameConnection connection,
            ClientReply.Kind kind,
            Status replyStatus,
            long session,
            long sequence,
            String text) {
        out.clear();
        long position = kind == Kind.OPEN ? 0 : sequence;
        ClientCodec.encodeReplyHeader(kind, replyStatus, session, sequence, position, out);
        Bytes body = Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
        connection.send(FrameKind.REPLY, 0, out.toBytes(), body);
    }

    @Override
    public void onClosed(FrameConnection connection) {
        connections.remove(connection);
    }

    int port() {
        return port.join();
    }

    MemberAddress address() {
        return new MemberAddress(new ReplicaId(id), "127.0.0.1", port());
    }

    /// Tells every client that `replica` is the best entry, also those that have yet to come.
    void advise(int replica) {
        preferred = replica;
        onLoop(
                connection ->
                        connection.send(
                                FrameKind.PREFERRED_ENTRY,
                                0,
                                new BytesWriter(4).putInt(replica).toBytes(),
                                Bytes.EMPTY));
    }

    /// Tells every client that an epoch with these members has begun.
    void begin(long next, List<MemberAddress> itsMembers) {
        epoch = next;
        members = itsMembers;
        Bytes content = new ClientMembers(new Epoch(next), itsMembers).encode();
        onLoop(connection -> connection.send(FrameKind.MEMBERS, 0, content, Bytes.EMPTY));
    }

    /// Sends bytes that mean nothing to every client.
    void babble() {
        onLoop(connection -> connection.send(99, 0, Bytes.EMPTY, Bytes.EMPTY));
    }

    private void onLoop(Consumer<FrameConnection> action) {
        Future<?> done =
                loop.eventLoop().submit(() -> new ArrayList<>(connections).forEach(action));
        loop.wakeup();
        CompletableFuture.runAsync(
                        () -> {
                            try {
                                var _ = done.get();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        })
                .join();
    }

    /// Waits until a line was heard.
    void awaitHeard(String line) {
        long until = System.nanoTime() + 20_000_000_000L;
        synchronized (heard) {
            while (!heard.contains(line)) {
                long millis = (until - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    throw new AssertionError("\"" + line + "\" was not heard, but " + heard);
                }
                try {
                    heard.wait(millis);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private void hear(String line) {
        synchronized (heard) {
            heard.add(line);
            heard.notifyAll();
        }
    }

    private static String text(Bytes bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        stopped = true;
        loop.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
