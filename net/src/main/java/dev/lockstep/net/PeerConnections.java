package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Member;
import dev.lockstep.core.Membership;
import dev.lockstep.core.Reign;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.FrameKind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One connection to every other replica of the cluster, member or not, as long as there can be
/// one. Who takes part in what is for others to judge.
///
/// Of two replicas the one with the higher number dials at once, and again after a pause that grows
/// from 5 ms to 500 ms; the other one dials too when no connection has come for 200 ms, because it
/// may be the only one that knows where to. There is one connection for both directions, so that
/// its end is news about the peer: a process that is killed is noticed as soon as its kernel says
/// so. Of two connections [PeerLink] says which one stays.
///
/// Where replicas are reached is in the [AddressBook], which grows by what handshakes and peers
/// say.
///
/// Frames are sent at the loop's next flush. Past the bound of what may wait, a frame is dropped:
/// protocols bear loss, and memory must not grow with a peer's slowness.
///
/// Threading: the loop's thread.
public final class PeerConnections implements PeerPort {

    private final NetworkLoop loop;
    private final ClusterId clusterId;
    private final int group;
    private final AddressBook book;
    private final PeerListener listener;

    /// By ascending number, so that walks have one order.
    private final SortedMap<ReplicaId, PeerLink> links = new TreeMap<>();

    /// Who this is; its epoch and its address change.
    private Hello.Caller.Peer self;

    /// Where the cluster comes from; null unless it was made of what a lost majority had left.
    private @Nullable Fork fork;

    /// Digest of the public keys that this replica goes by; empty if it signs nothing.
    private Bytes keys = Bytes.EMPTY;

    /// Those who take part; null before that is known.
    private @Nullable Membership members;

    private boolean started;
    private boolean closed;

    /// Connections to the other replicas of the book, none of which is dialled yet.
    ///
    /// @param self who this is, where it is reached, and in which epoch, as far as is known
    public PeerConnections(
            NetworkLoop loop,
            ClusterId clusterId,
            Hello.Caller.Peer self,
            int group,
            AddressBook book,
            PeerListener listener) {
        this.loop = loop;
        this.clusterId = clusterId;
        this.self = self;
        this.group = group;
        this.book = book;
        this.listener = listener;
    }

    /// The cluster was made of another one: members of that one are told so.
    public void forkedFrom(Fork from) {
        fork = from;
    }

    /// Only replicas that go by the same public keys are connected. To be called before [#start].
    ///
    /// @param digest of the keys and the library, 32 bytes
    public void goBy(Bytes digest) {
        keys = digest;
    }

    Bytes keys() {
        return keys;
    }

    @Nullable Fork fork() {
        return fork;
    }

    /// Begins to dial.
    ///
    /// @param address where this replica is reached
    public void start(ReplicaAddress address) {
        self =
                new Hello.Caller.Peer(
                        self.id(),
                        self.incarnation(),
                        self.boot(),
                        self.start(),
                        self.epoch(),
                        address);
        started = true;
        linkToAll();
    }

    /// An epoch has begun: others take part from now on.
    public void onEpoch(Reign reign) {
        self =
                new Hello.Caller.Peer(
                        self.id(),
                        self.incarnation(),
                        self.boot(),
                        self.start(),
                        reign.epoch(),
                        self.address());
        members = reign.members();
    }

    /// Where replicas are reached, as far as is known.
    public AddressBook book() {
        return book;
    }

    private void linkToAll() {
        for (ReplicaId id : book.ids()) {
            PeerLink link = id.equals(self.id()) ? null : linkTo(id);
            if (link != null) {
                link.begin();
            }
        }
    }

    @Override
    public boolean send(ReplicaId to, Bytes head, Bytes body, long flushToken) {
        PeerLink link = links.get(to);
        return link != null && link.send(head, body, flushToken);
    }

    /// True if there is a connection to `peer`.
    public boolean isConnected(ReplicaId peer) {
        PeerLink link = links.get(peer);
        return link != null && link.isConnected();
    }

    /// True if there is a connection to this replica in this life.
    public boolean isConnected(Member peer) {
        PeerLink link = links.get(peer.id());
        return link != null && link.isConnected() && peer.incarnation().equals(link.incarnation());
    }

    /// How many peers are connected.
    public int connectedPeers() {
        int connected = 0;
        for (PeerLink link : links.values()) {
            connected += link.isConnected() ? 1 : 0;
        }
        return connected;
    }

    /// How many bytes wait to be sent to all peers together.
    public long pendingBytes() {
        long pending = 0;
        for (PeerLink link : links.values()) {
            pending += link.pendingBytes();
        }
        return pending;
    }

    /// Judges replicas that dial this one: for [FrameServer#bind] on the peers' port.
    public FrameServer.Doorman doorman() {
        return new PeerDoorman(this);
    }

    /// Ends all connections without telling the listener, and dials no more.
    public void close() {
        closed = true;
        for (PeerLink link : links.values()) {
            link.close();
        }
    }

    /// A handshake has shown who and where a replica is. It is told what is known of the others; if
    /// it is news, they are told too.
    void onHandshake(KnownReplica replica, FrameConnection connection) {
        if (book.onHandshake(replica)) {
            addressesChanged();
        } else {
            sendAddresses(connection);
        }
    }

    /// A peer says where others are.
    void onAddresses(List<AddressesCodec.Told> all) {
        boolean isNews = false;
        for (AddressesCodec.Told told : all) {
            ReplicaId id = told.replica().id();
            if (!id.equals(self.id())) {
                isNews |= book.onHearsay(told.replica(), told.isConnected(), isConnected(id));
            }
        }
        if (isNews) {
            addressesChanged();
            linkToAll();
        }
    }

    /// Nobody has answered at this replica's address for long. If it lives, it dials.
    boolean forget(ReplicaId id) {
        if (book.isConfigured(id) || memberOf(id) != null) {
            return false;
        }
        links.remove(id);
        book.forget(id);
        listener.onAddressesChanged();
        return true;
    }

    private void addressesChanged() {
        for (PeerLink link : links.values()) {
            FrameConnection connection = link.connection();
            if (connection != null) {
                sendAddresses(connection);
            }
        }
        listener.onAddressesChanged();
    }

    /// Of a replica that is neither a member nor connected here, nothing is told: it may be gone.
    private void sendAddresses(FrameConnection connection) {
        List<AddressesCodec.Told> all = new ArrayList<>();
        for (KnownReplica replica : book.learned()) {
            PeerLink link = links.get(replica.id());
            boolean isConnected =
                    link != null
                            && link.isConnected()
                            && replica.incarnation().equals(link.incarnation());
            if (isConnected || memberOf(replica.id()) != null) {
                all.add(new AddressesCodec.Told(replica, isConnected));
            }
        }
        connection.send(FrameKind.ADDRESSES, group, AddressesCodec.encode(all), Bytes.EMPTY);
    }

    boolean isHigher(ReplicaId other) {
        return self.id().compareTo(other) > 0;
    }

    boolean isMember(Member replica) {
        return replica.equals(memberOf(replica.id()));
    }

    /// The replica of this number as the member set names it; null if it is no member.
    @Nullable Member memberOf(ReplicaId id) {
        Membership known = members;
        int rank = known == null ? -1 : known.indexOf(id);
        return known == null || rank < 0 ? null : known.members().get(rank);
    }

    boolean isDialling() {
        return started && !closed;
    }

    NetworkLoop loop() {
        return loop;
    }

    ClusterId clusterId() {
        return clusterId;
    }

    Hello.Caller.Peer self() {
        return self;
    }

    int group() {
        return group;
    }

    PeerListener listener() {
        return listener;
    }

    /// The link to a replica, known before or not; null if there are too many.
    @Nullable PeerLink linkTo(ReplicaId peer) {
        PeerLink known = links.get(peer);
        if (known != null || links.size() >= AddressBook.MAX_REPLICAS) {
            return known;
        }
        PeerLink fresh = new PeerLink(this, peer);
        links.put(peer, fresh);
        return fresh;
    }
}
