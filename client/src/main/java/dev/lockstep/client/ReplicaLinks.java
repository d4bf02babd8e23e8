package dev.lockstep.client;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.GroupId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.BytesWriter;
import dev.lockstep.core.wire.ClientCodec;
import dev.lockstep.core.wire.ClientReply;
import dev.lockstep.core.wire.ClientRequest;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;
import dev.lockstep.net.ConnectionOptions;
import dev.lockstep.net.FrameClient;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.FrameHandler;
import dev.lockstep.net.Hello;
import dev.lockstep.net.MemberAddress;
import dev.lockstep.net.MembersCodec;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One TCP connection to each replica, for an engine.
///
/// What happens on them is handed to the [Receiver] within [NetworkLoop#poll].
///
/// Threading: the loop's thread.
final class ReplicaLinks implements ClientTransport {

    /// Above this, requests wait in the engine rather than in a connection's buffers.
    private static final long FULL_BYTES = 4L << 20;

    /// Replies are read however much waits to be sent: if both sides waited for the other to read
    /// first, both would wait for ever.
    private static final ConnectionOptions OPTIONS =
            new ConnectionOptions(
                    LoopClient.MAX_REQUEST_BYTES + 1024,
                    Long.MAX_VALUE,
                    2L * LoopClient.MAX_REQUEST_BYTES);

    private static final int GROUP = GroupId.ZERO.value();
    private static final byte[] NOTHING = new byte[0];

    /// Who hears what happens on the links.
    interface Receiver {

        void onConnected(int replica);

        void onDisconnected(int replica);

        void onPreferredEntry(int replica);

        /// Where the members of an epoch are reached, as a replica says.
        void onMembers(long epoch, List<MemberAddress> members);

        void onReply(
                int from,
                ClientReply.Kind kind,
                ClientReply.Status status,
                long session,
                long sequence,
                long position,
                byte[] bytes,
                int offset,
                int length);
    }

    private final NetworkLoop loop;
    private final Hello hello;
    private final ClusterId clusterId;
    private final Receiver receiver;

    /// By number.
    private final SortedMap<Integer, Link> links = new TreeMap<>();

    private final BytesWriter head = new BytesWriter(64);
    private boolean closed;

    ReplicaLinks(
            NetworkLoop loop,
            ClusterId clusterId,
            SortedMap<Integer, ServerAddress> addresses,
            Receiver receiver) {
        this.loop = loop;
        this.clusterId = clusterId;
        this.hello = Hello.ofClient(clusterId);
        this.receiver = receiver;
        addresses.forEach((id, address) -> links.put(id, new Link(id, address)));
    }

    int[] replicas() {
        return links.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    /// A replica is reached at this address too, or instead: it is dialled next time, unless there
    /// is a connection.
    void learn(int replica, ServerAddress address) {
        Link known = links.get(replica);
        if (known == null) {
            links.put(replica, new Link(replica, address));
        } else if (!known.address.equals(address)) {
            known.other = address;
        }
    }

    @Override
    public void forget(int replica) {
        Link link = links.remove(replica);
        if (link != null) {
            link.isForgotten = true;
            link.hangUp();
        }
    }

    @Override
    public void connect(int replica) {
        Link link = link(replica);
        FrameClient.dial(loop, link.address.host(), link.address.port(), hello, link);
    }

    @Override
    public boolean hasRoom(int replica, int bytes) {
        FrameConnection connection = link(replica).connection;
        if (connection == null) {
            return true;
        }
        long pending = connection.pendingBytes();
        return pending == 0 || pending + bytes <= FULL_BYTES;
    }

    @Override
    public void command(
            int replica, long session, long sequence, long acknowledged, byte[] command) {
        head.clear();
        ClientCodec.encodeCommandHeader(session, sequence, acknowledged, head);
        send(replica, FrameKind.COMMAND, command, command.length);
    }

    @Override
    public void send(int replica, ClientRequest request) {
        head.clear();
        ClientCodec.encode(request, head);
        send(replica, ClientCodec.frameKind(request), NOTHING, 0);
    }

    private void send(int replica, int kind, byte[] body, int length) {
        FrameConnection connection = link(replica).connection;
        if (connection != null
                && !connection.send(kind, GROUP, head.array(), 0, head.size(), body, 0, length)) {
            // The engine takes for granted that nothing is lost but with the connection.
            connection.close();
        }
    }

    /// Tells the receiver of connections that were made since. Not within a poll.
    void announce() {
        for (Link link : List.copyOf(links.values())) {
            if (link.unannounced && !link.isForgotten) {
                link.unannounced = false;
                receiver.onConnected(link.replica);
            }
        }
    }

    /// Hangs up everywhere; the receiver hears nothing any more.
    void close() {
        closed = true;
        links.values().forEach(Link::hangUp);
    }

    private Link link(int replica) {
        Link link = links.get(replica);
        if (link == null) {
            throw new IllegalArgumentException("no replica " + replica);
        }
        return link;
    }

    /// The way to one replica.
    private final class Link implements FrameClient.Dialled, FrameHandler {

        private final int replica;

        /// Where it is dialled next.
        private ServerAddress address;

        /// Where it is dialled after that, if it does not answer; null if there is no other place.
        private @Nullable ServerAddress other;

        private @Nullable FrameConnection connection;
        private boolean isForgotten;

        /// True while the receiver does not know of the connection: within the handshake's bounds
        /// there is no room for what it may want to send.
        private boolean unannounced;

        Link(int replica, ServerAddress address) {
            this.replica = replica;
            this.address = address;
        }

        private boolean isOver() {
            return closed || isForgotten;
        }

        void hangUp() {
            FrameConnection current = connection;
            if (current != null) {
                current.close();
            }
        }

        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection welcomed, Welcome.Accepted welcome) {
            if (isOver()) {
                return null;
            }
            if (!welcome.clusterId().equals(clusterId)) {
                onFailed("it belongs to another cluster");
                return null;
            }
            if (welcome.self().id().value() != replica) {
                onFailed("it is replica " + welcome.self().id());
                return null;
            }
            connection = welcomed;
            unannounced = true;
            receiver.onMembers(welcome.self().epoch().value(), welcome.clientAddresses());
            if (isOver()) {
                return null;
            }
            receiver.onPreferredEntry(welcome.preferredEntry());
            return new FrameClient.Reception(this, OPTIONS);
        }

        @Override
        public void onRefused(Welcome.Refused refusal) {
            onFailed(refusal.sentence());
        }

        /// The engine dials again; callers hear of it when their deadlines come.
        @Override
        public void onFailed(String why) {
            if (!isOver()) {
                ServerAddress next = other;
                if (next != null) {
                    other = address;
                    address = next;
                }
                receiver.onDisconnected(replica);
            }
        }

        @Override
        public void onFrame(
                FrameConnection from, int kind, int group, byte[] bytes, int offset, int length) {
            if (isOver()) {
                return;
            }
            if (group != GROUP) {
                throw new MalformedException("a frame is for group " + group);
            }
            switch (kind) {
                case FrameKind.REPLY -> onReply(bytes, offset, length);
                case FrameKind.PREFERRED_ENTRY -> {
                    Bytes content = Bytes.wrap(bytes, offset, length);
                    if (length != Integer.BYTES) {
                        throw new MalformedException(
                                "a preferred entry has " + length + " bytes, not 4");
                    }
                    receiver.onPreferredEntry(content.getInt(0));
                }
                case FrameKind.MEMBERS -> {
                    MembersCodec.Members told =
                            MembersCodec.decode(Bytes.wrap(bytes, offset, length));
                    receiver.onMembers(told.epoch(), told.addresses());
                }
                default -> throw new MalformedException("frame kind " + kind + " is not a reply");
            }
        }

        /// As [ClientCodec#decodeReply] does, without an object for every request.
        private void onReply(byte[] bytes, int offset, int length) {
            if (length < ClientCodec.REPLY_HEADER_BYTES) {
                throw new MalformedException("a reply has only " + length + " bytes");
            }
            Bytes header = Bytes.wrap(bytes, offset, ClientCodec.REPLY_HEADER_BYTES);
            long position = header.getLong(18);
            if (position < 0) {
                throw new MalformedException("position is negative: " + position);
            }
            receiver.onReply(
                    replica,
                    ClientReply.kindOf(header.getByte(0)),
                    ClientReply.statusOf(header.getByte(1)),
                    header.getLong(2),
                    header.getLong(10),
                    position,
                    bytes,
                    offset + ClientCodec.REPLY_HEADER_BYTES,
                    length - ClientCodec.REPLY_HEADER_BYTES);
        }

        @Override
        public void onClosed(FrameConnection ended) {
            connection = null;
            unannounced = false;
            if (!isOver()) {
                receiver.onDisconnected(replica);
            }
        }
    }
}
