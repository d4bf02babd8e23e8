package dev.lockstep.net;

import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What this member has to do with one other: at most one connection, and the pause before the next
/// attempt.
final class PeerLink implements FrameHandler, FrameClient.Dialled {

    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final long FIRST_PAUSE_NANOS = 5_000_000;
    private static final long LAST_PAUSE_NANOS = 500_000_000;

    private final PeerConnections all;
    private final Member member;
    private final MemberAddress address;

    /// The connection in use; null while there is none.
    private @Nullable FrameConnection connection;

    /// The highest boot this peer has shown in its incarnation: it never shows a lower one unless
    /// its directory was replaced.
    private int highestBoot;

    private long pauseNanos = FIRST_PAUSE_NANOS;

    /// The last refusal that was logged, so that a standing refusal is one line and not one an
    /// attempt.
    private String loggedRefusal = "";

    PeerLink(PeerConnections all, Member member, MemberAddress address) {
        this.all = all;
        this.member = member;
        this.address = address;
    }

    ReplicaId id() {
        return member.id();
    }

    Member member() {
        return member;
    }

    boolean isConnected() {
        return connection != null;
    }

    long pendingBytes() {
        FrameConnection current = connection;
        return current == null ? 0 : current.pendingBytes();
    }

    boolean send(Bytes head, Bytes body, long flushToken) {
        FrameConnection current = connection;
        if (current == null || !current.send(FrameKind.PEER, all.group(), head, body)) {
            return false;
        }
        if (flushToken != 0) {
            current.whenFlushed(() -> all.listener().onFlushed(flushToken));
        }
        return true;
    }

    void dial() {
        if (all.mayDial(this) && connection == null) {
            FrameClient.dial(
                    all.loop(),
                    address.host(),
                    address.port(),
                    Hello.ofPeer(all.clusterId(), all.self()),
                    this);
        }
    }

    void close() {
        FrameConnection current = connection;
        connection = null;
        if (current != null) {
            current.close();
        }
    }

    /// Why this boot of the peer may not take part, or null.
    @Nullable String regression(Hello.Caller.Peer peer) {
        if (peer.boot() >= highestBoot) {
            return null;
        }
        return "replica %s shows boot %d after boot %d: its data directory was replaced or reset, so it must not take part; restore the directory or create a new cluster"
                .formatted(peer.id(), peer.boot(), highestBoot);
    }

    /// A connection is ready: the one in use from now on.
    void connected(FrameConnection fresh, Hello.Caller.Peer peer) {
        FrameConnection old = connection;
        highestBoot = peer.boot();
        if (old != null) {
            connection = null;
            old.close();
            all.listener().onPeerLost(id());
        }
        connection = fresh;
        pauseNanos = FIRST_PAUSE_NANOS;
        loggedRefusal = "";
        LOG.info("connected to replica {}", id());
        all.listener().onPeerConnected(id());
    }

    @Override
    public FrameClient.@Nullable Reception onWelcome(
            FrameConnection fresh, Welcome.Accepted welcome) {
        String wrong = PeerDoorman.wrongWith(this, welcome.clusterId(), all, welcome.self());
        if (wrong == null) {
            wrong = regression(welcome.self());
        }
        if (wrong != null || all.isClosed()) {
            logRefusal(wrong == null ? "stopping" : wrong);
            lost();
            return null;
        }
        connected(fresh, welcome.self());
        return new FrameClient.Reception(this, ConnectionOptions.PEER);
    }

    @Override
    public void onRefused(Welcome.Refused refusal) {
        if (refusal.reason() == Welcome.Reason.UNSAFE) {
            all.listener().onUnsafe(id(), refusal.sentence());
            return;
        }
        logRefusal(refusal.sentence());
        lost();
    }

    @Override
    public void onFailed(String why) {
        LOG.debug("no connection to replica {} at {}: {}", id(), address, why);
        lost();
    }

    @Override
    public boolean keepsFrames() {
        return true;
    }

    @Override
    public void onFrame(
            FrameConnection from, int kind, int group, byte[] bytes, int offset, int length) {
        if (kind != FrameKind.PEER) {
            throw new MalformedException("frame kind " + kind + " is not a member's");
        }
        if (from == connection) {
            all.listener().onPeerFrame(id(), group, Bytes.wrap(bytes, offset, length));
        }
    }

    @Override
    public void onClosed(FrameConnection ended) {
        if (ended == connection) {
            connection = null;
            LOG.info("lost the connection to replica {}", id());
            lost();
        }
    }

    private void lost() {
        if (all.isClosed()) {
            return;
        }
        all.listener().onPeerLost(id());
        if (all.mayDial(this)) {
            long pause = pauseNanos;
            pauseNanos = Math.min(2 * pause, LAST_PAUSE_NANOS);
            all.loop().schedule(this::dial, pause);
        }
    }

    private void logRefusal(String sentence) {
        if (!sentence.equals(loggedRefusal)) {
            loggedRefusal = sentence;
            LOG.warn("replica {} at {} cannot be connected: {}", id(), address, sentence);
        }
    }
}
