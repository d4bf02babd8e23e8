package dev.lockstep.net;

import dev.lockstep.core.ClusterId;
import dev.lockstep.core.Membership;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One connection to every other member, as long as there can be one.
///
/// Of two members the one with the higher number dials, at once and again after a pause that grows
/// from 5 ms to 500 ms. There is one connection for both directions, so that its end is news about
/// the peer: a process that is killed is noticed as soon as its kernel says so. An accepted
/// connection replaces an older one of the same peer, which must have given that up to dial again.
///
/// Frames are sent at the loop's next flush. Past the bound of what may wait, a frame is dropped:
/// protocols bear loss, and memory must not grow with a peer's slowness.
///
/// Threading: the loop's thread.
public final class PeerConnections implements PeerPort {

    private final NetworkLoop loop;
    private final ClusterId clusterId;
    private final Hello.Caller.Peer self;
    private final int group;
    private final PeerListener listener;

    /// By ascending number, so that walks have one order.
    private final SortedMap<ReplicaId, PeerLink> links = new TreeMap<>();

    private boolean started;
    private boolean closed;

    /// Connections of `self` to the others of `members`, none of which is dialled yet.
    ///
    /// @param addresses where the members listen for members
    public PeerConnections(
            NetworkLoop loop,
            ClusterId clusterId,
            Hello.Caller.Peer self,
            int group,
            Membership members,
            List<MemberAddress> addresses,
            PeerListener listener) {
        this.loop = loop;
        this.clusterId = clusterId;
        this.self = self;
        this.group = group;
        this.listener = listener;
        for (MemberAddress address : addresses) {
            int index = members.indexOf(address.id());
            if (index >= 0 && !address.id().equals(self.id())) {
                links.put(address.id(), new PeerLink(this, members.members().get(index), address));
            }
        }
    }

    /// Begins to dial.
    public void start() {
        started = true;
        for (PeerLink link : links.values()) {
            if (dials(link)) {
                link.dial();
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

    /// Judges members that dial this one: for [FrameServer#bind] on the peers' port.
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

    /// Of two members, the higher number dials.
    private boolean dials(PeerLink link) {
        return self.id().compareTo(link.id()) > 0;
    }

    boolean mayDial(PeerLink link) {
        return started && !closed && dials(link);
    }

    boolean isClosed() {
        return closed;
    }

    boolean isStarted() {
        return started;
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

    @Nullable PeerLink link(ReplicaId peer) {
        return links.get(peer);
    }
}
