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
import dev.lockstep.core.wire.SignedFrame;
import dev.lockstep.net.ClientMembers;
import dev.lockstep.net.ConnectionOptions;
import dev.lockstep.net.FrameClient;
import dev.lockstep.net.FrameConnection;
import dev.lockstep.net.FrameHandler;
import dev.lockstep.net.Hello;
import dev.lockstep.net.MemberAddress;
import dev.lockstep.net.NetworkLoop;
import dev.lockstep.net.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One TCP connection to each replica, for an engine. Which replicas there are, they say: in every
/// handshake, and when it changes.
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

    /// So many addresses of one replica are remembered.
    private static final int MOST_ADDRESSES = 4;

    private static final int GROUP = GroupId.ZERO.value();
    private static final byte[] NOTHING = new byte[0];

    /// Who hears what happens on the links.
    interface Receiver {

        void onConnected(int replica);

        void onDisconnected(int replica);

        void onPreferredEntry(int replica);

        /// The replicas are these now.
        void onMembers(int[] replicas);

        /// A replica says in which epoch it is.
        void onEpoch(int replica, long epoch);

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
    private final boolean learnMembers;

    /// True if a replica is who answers at its address, whoever it says that it is.
    private final boolean isByAddress;

    /// By number, so that walks have one order.
    private final SortedMap<Integer, Link> links = new TreeMap<>();

    private final BytesWriter head = new BytesWriter(64);

    /// The latest epoch of which the members are known.
    private long epoch;

    private boolean closed;

    /// @param learnMembers whether to believe what replicas say of the members
    /// @param isByAddress whether numbers are those of addresses, and not the replicas' own
    ReplicaLinks(
            NetworkLoop loop,
            Discovery.Found found,
            boolean learnMembers,
            boolean isByAddress,
            Receiver receiver) {
        this.isByAddress = isByAddress;
        this.loop = loop;
        this.clusterId = found.clusterId();
        this.hello = Hello.ofClient(clusterId);
        this.receiver = receiver;
        this.learnMembers = learnMembers;
        this.epoch = found.epoch();
        found.members().forEach((id, addresses) -> links.put(id, new Link(id, addresses)));
    }

    int[] replicas() {
        return links.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    /// A replica says who the members are. In a later epoch, others are members no more; in one
    /// that is known, it may only know more of them than others did.
    private void onMembers(long toldEpoch, List<MemberAddress> told) {
        if (!learnMembers || told.isEmpty() || toldEpoch < epoch) {
            return;
        }
        boolean changed = toldEpoch > epoch && forgetAllBut(told);
        epoch = toldEpoch;
        for (MemberAddress member : told) {
            int id = member.id().value();
            ServerAddress address = new ServerAddress(member.host(), member.port());
            Link link = links.get(id);
            if (link == null) {
                links.put(id, new Link(id, List.of(address)));
                changed = true;
            } else {
                link.isAt(address);
            }
        }
        if (changed) {
            receiver.onMembers(replicas());
        }
    }

    private boolean forgetAllBut(List<MemberAddress> told) {
        boolean changed = false;
        for (Link link : List.copyOf(links.values())) {
            if (told.stream().noneMatch(member -> member.id().value() == link.replica)) {
                links.remove(link.replica);
                link.forget();
                changed = true;
            }
        }
        return changed;
    }

    /// A replica that was asked at one of the first addresses, because none of the known ones
    /// answers, has said who it is.
    void onFound(Welcome.Accepted welcome, ServerAddress address) {
        if (closed || !welcome.clusterId().equals(clusterId)) {
            return;
        }
        int id = welcome.self().id().value();
        long itsEpoch = welcome.self().epoch().value();
        boolean isNews = itsEpoch > epoch && !welcome.clientAddresses().isEmpty();
        onMembers(itsEpoch, welcome.clientAddresses());
        Link link = links.get(id);
        if (link != null) {
            link.isAt(address);
        } else if (!isNews) {
            // It may yet hear more of the members than this client does.
            links.put(id, new Link(id, List.of(address)));
            receiver.onMembers(replicas());
        }
    }

    Hello hello() {
        return hello;
    }

    @Override
    public void connect(int replica) {
        link(replica).dial();
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
        send(replica, FrameKind.COMMAND, command, 0, command.length);
    }

    @Override
    public void signed(int replica, int frameKind, Bytes content, Bytes proof) {
        head.clear();
        SignedFrame.encodeHeader(frameKind, proof, head);
        send(
                replica,
                FrameKind.SIGNED,
                content.backingArray(),
                content.backingOffset(),
                content.size());
    }

    @Override
    public void send(int replica, ClientRequest request) {
        head.clear();
        ClientCodec.encode(request, head);
        send(replica, ClientCodec.frameKind(request), NOTHING, 0, 0);
    }

    private void send(int replica, int kind, byte[] body, int offset, int length) {
        FrameConnection connection = link(replica).connection;
        if (connection != null
                && !connection.send(
                        kind, GROUP, head.array(), 0, head.size(), body, offset, length)) {
            // The engine takes for granted that nothing is lost but with the connection.
            connection.close();
        }
    }

    /// How many replicas are connected.
    int connected() {
        return (int) links.values().stream().filter(link -> link.connection != null).count();
    }

    /// Why the others are not, for people.
    String whyNot() {
        return links.values().stream()
                .filter(link -> link.connection == null)
                .map(link -> link.addresses.getFirst() + ": " + link.why)
                .collect(Collectors.joining("; "));
    }

    /// Tells the receiver of connections that were made since. Not within a poll.
    void announce() {
        for (Link link : List.copyOf(links.values())) {
            if (link.unannounced) {
                link.unannounced = false;
                receiver.onConnected(link.replica);
            }
        }
    }

    /// Hangs up everywhere; the receiver hears nothing any more.
    void close() {
        closed = true;
        for (Link link : links.values()) {
            FrameConnection connection = link.connection;
            if (connection != null) {
                connection.close();
            }
        }
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

        /// Where it may be reached: the likeliest first, dialled in turn.
        private final List<ServerAddress> addresses;

        /// Which of them is dialled next, or was dialled last.
        private int turn;

        private @Nullable FrameConnection connection;

        /// True once the replica is none of this client's any more.
        private boolean forgotten;

        /// Why the last dial failed.
        private String why = "no answer yet";

        /// True while the receiver does not know of the connection: within the handshake's bounds
        /// there is no room for what it may want to send.
        private boolean unannounced;

        Link(int replica, List<ServerAddress> addresses) {
            this.replica = replica;
            this.addresses = new ArrayList<>(addresses);
        }

        void dial() {
            turn %= addresses.size();
            ServerAddress address = addresses.get(turn);
            FrameClient.dial(loop, address.host(), address.port(), hello, this);
        }

        /// It is said to be there. What has worked is not given up for that.
        void isAt(ServerAddress address) {
            if (addresses.contains(address)) {
                return;
            }
            turn %= addresses.size();
            if (connection != null) {
                addresses.add(turn + 1, address);
            } else {
                addresses.addFirst(address);
                turn = 0;
            }
            if (addresses.size() > MOST_ADDRESSES) {
                addresses.removeLast();
            }
        }

        void forget() {
            forgotten = true;
            FrameConnection last = connection;
            if (last != null) {
                last.close();
            }
        }

        private boolean isOver() {
            return closed || forgotten;
        }

        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection welcomed, Welcome.Accepted welcome) {
            if (isOver()) {
                return null;
            }
            boolean isMeant = isByAddress || welcome.self().id().value() == replica;
            if (!isMeant || !welcome.clusterId().equals(clusterId)) {
                why = "it is of another cluster, or another replica";
                turn++;
                receiver.onDisconnected(replica);
                return null;
            }
            connection = welcomed;
            unannounced = true;
            receiver.onEpoch(replica, welcome.self().epoch().value());
            onMembers(welcome.self().epoch().value(), welcome.clientAddresses());
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
        public void onFailed(String reason) {
            why = reason;
            turn++;
            if (!isOver()) {
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
                    ClientMembers told = ClientMembers.decode(Bytes.wrap(bytes, offset, length));
                    receiver.onEpoch(replica, told.epoch().value());
                    onMembers(told.epoch().value(), told.addresses());
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
