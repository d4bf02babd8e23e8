package dev.lockstep.net;

import dev.lockstep.core.Incarnation;
import dev.lockstep.core.Member;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.core.wire.FrameKind;
import dev.lockstep.core.wire.MalformedException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/// What this replica has to do with another number: at most one connection, and the pause before
/// the next attempt.
///
/// Of two connections to the same life the newer one stays, unless they were made at the same time,
/// by both sides: then it is the one that the higher number dialled. Of two lives the one stays
/// that was seen first later: the other has been replaced and still runs somewhere. But a member is
/// not given up for who is none, which may have got its number by mistake: not before its
/// connection ends, however silent it is, or the two would take turns.
final class PeerLink implements FrameHandler {

    private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
    private static final long FIRST_PAUSE_NANOS = 5_000_000;
    private static final long LAST_PAUSE_NANOS = 500_000_000;

    /// The lower number waits so long for the higher one.
    private static final long LOWER_PAUSE_NANOS = 200_000_000;

    /// A connection that has lasted so long has proved itself.
    private static final long PROVED_NANOS = 1_000_000_000;

    /// A greeting that was sent before its sender knew of the other connection is here by then.
    private static final long CROSSING_NANOS = 1_000_000_000;

    /// Who is no member and does not answer for so long is not dialled any more.
    private static final long FORGET_NANOS = 60_000_000_000L;

    private final PeerConnections all;
    private final ReplicaId id;

    /// The connection in use; null while there is none.
    private @Nullable FrameConnection connection;

    /// Who is or was at its other end last; null if nobody ever.
    private Hello.Caller.@Nullable Peer peer;

    /// True if the higher number dialled the connection in use.
    private boolean dialledByHigher;

    private long connectedAt;

    /// When the last connection ended, or the first was tried.
    private long aloneSince = System.nanoTime();

    /// The attempt under way; null if there is none.
    private @Nullable Attempt attempt;

    /// True while the next attempt has its time.
    private boolean isScheduled;

    private boolean isForgotten;

    /// How many attempts there were.
    private int attempts;

    /// A life never shows a lower boot than it has shown unless its directory was replaced.
    private final SeenLives lives = new SeenLives();

    private long pauseNanos = FIRST_PAUSE_NANOS;

    /// The last refusal that was logged, so that a standing refusal is one line and not one an
    /// attempt.
    private String loggedRefusal = "";

    PeerLink(PeerConnections all, ReplicaId id) {
        this.all = all;
        this.id = id;
        KnownReplica known = all.book().known(id);
        if (known != null) {
            // Whoever showed it may have lost its directory while this process did not run.
            lives.add(known.incarnation(), known.boot(), known.start());
        }
    }

    boolean isConnected() {
        return connection != null;
    }

    @Nullable FrameConnection connection() {
        return connection;
    }

    /// Of whoever is or was connected last.
    @Nullable Incarnation incarnation() {
        Hello.Caller.Peer last = peer;
        return last == null ? null : last.incarnation();
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

    /// The first attempt, if there was none: now, or when the other side has had time for its own.
    void begin() {
        if (isScheduled || attempt != null || connection != null) {
            return;
        }
        if (all.isHigher(id)) {
            dialNow();
        } else {
            dialAfter(LOWER_PAUSE_NANOS);
        }
    }

    private void dialAfter(long nanos) {
        if (!isScheduled && all.isDialling()) {
            isScheduled = true;
            all.loop().schedule(this::dialWhenDue, nanos);
        }
    }

    private void dialWhenDue() {
        isScheduled = false;
        dialNow();
    }

    /// Dials, unless that is under way or there is no need to.
    void dialNow() {
        List<ReplicaAddress> candidates = all.book().candidates(id);
        if (!all.isDialling() || isForgotten || connection != null || attempt != null) {
            return;
        }
        if (candidates.isEmpty()) {
            dialAfter(LAST_PAUSE_NANOS);
            return;
        }
        ReplicaAddress address = candidates.get(attempts % candidates.size());
        attempts++;
        Attempt fresh = new Attempt(address);
        attempt = fresh;
        Hello hello = Hello.ofPeer(all.clusterId(), all.self(), id, all.keys());
        FrameClient.dial(all.loop(), address.host(), address.peerPort(), hello, fresh);
    }

    void close() {
        FrameConnection current = connection;
        connection = null;
        if (current != null) {
            current.close();
        }
    }

    /// Why this boot of a replica may not take part, or null.
    @Nullable String regression(Hello.Caller.Peer fresh) {
        int highest = lives.highestBoot(fresh.incarnation());
        if (fresh.boot() < highest) {
            return "replica %s shows boot %d after boot %d: its data directory was replaced or reset, so it must not take part in this life"
                    .formatted(fresh.id(), fresh.boot(), highest);
        }
        return lives.isOtherStart(fresh.incarnation(), fresh.boot(), fresh.start())
                ? "replica %s shows boot %d a second time: its data directory was replaced or reset, or there are two, so it must not take part in this life"
                        .formatted(fresh.id(), fresh.boot())
                : null;
    }

    /// Why another connection is not to take the place of the one in use, or null.
    ///
    /// @param byHigher whether the higher of the two numbers has dialled it
    @Nullable String occupied(Hello.Caller.Peer fresh, boolean byHigher) {
        Hello.Caller.Peer current = peer;
        if (connection == null || current == null) {
            return null;
        }
        if (!current.incarnation().equals(fresh.incarnation())) {
            return mayReplace(current, fresh)
                    ? null
                    : "replica %s is connected in another life".formatted(id);
        }
        // Later than that, whoever dials has lost the connection that this side still believes in.
        boolean isCrossing = System.nanoTime() - connectedAt < CROSSING_NANOS;
        return fresh.boot() == current.boot() && dialledByHigher && !byHigher && isCrossing
                ? "replica %s is connected already".formatted(id)
                : null;
    }

    private boolean mayReplace(Hello.Caller.Peer current, Hello.Caller.Peer fresh) {
        boolean isMember = all.isMember(fresh.member());
        boolean wasMember = all.isMember(current.member());
        if (isMember != wasMember) {
            return isMember;
        }
        return !lives.isOlder(fresh.incarnation(), current.incarnation());
    }

    /// A connection is ready: the one in use from now on.
    void connected(FrameConnection fresh, Hello.Caller.Peer other, boolean byHigher) {
        FrameConnection old = connection;
        lives.add(other.incarnation(), other.boot(), other.start());
        if (old != null) {
            connection = null;
            old.close();
            tellLost();
        }
        if (isForgotten) {
            // The link that would be found under this number is another by now.
            fresh.close();
            return;
        }
        // From here on as much may wait to be sent as to any peer.
        fresh.handOver(this, ConnectionOptions.PEER);
        connection = fresh;
        peer = other;
        dialledByHigher = byHigher;
        connectedAt = System.nanoTime();
        loggedRefusal = "";
        LOG.info("connected to replica {} at {}", id, other.address());
        all.onHandshake(other.known(), fresh);
        all.listener().onPeerConnected(other.member());
    }

    @Override
    public boolean keepsFrames() {
        return true;
    }

    @Override
    public void onFrame(
            FrameConnection from, int kind, int group, byte[] bytes, int offset, int length) {
        Hello.Caller.Peer current = peer;
        if (from != connection || current == null) {
            return;
        }
        switch (kind) {
            case FrameKind.PEER ->
                    all.listener()
                            .onPeerFrame(
                                    current.member(), group, Bytes.wrap(bytes, offset, length));
            case FrameKind.ADDRESSES ->
                    all.onAddresses(AddressesCodec.decode(Bytes.wrap(bytes, offset, length)));
            default -> throw new MalformedException("frame kind " + kind + " is not a replica's");
        }
    }

    @Override
    public void onClosed(FrameConnection ended) {
        if (ended == connection) {
            connection = null;
            aloneSince = System.nanoTime();
            if (aloneSince - connectedAt >= PROVED_NANOS) {
                pauseNanos = FIRST_PAUSE_NANOS;
            }
            LOG.info("lost the connection to replica {}", id);
            lost();
        }
    }

    private void lost() {
        if (!all.isDialling() || isForgotten) {
            return;
        }
        tellLost();
        if (System.nanoTime() - aloneSince > FORGET_NANOS && all.forget(id)) {
            isForgotten = true;
            LOG.info("replica {} is no member and does not answer: it is forgotten", id);
            return;
        }
        long pause = pauseNanos;
        pauseNanos = Math.min(2 * pause, LAST_PAUSE_NANOS);
        dialAfter(all.isHigher(id) ? pause : Math.max(pause, LOWER_PAUSE_NANOS));
    }

    /// Of a replica that is no member and was never connected nobody needs to hear.
    private void tellLost() {
        Hello.Caller.Peer last = peer;
        Member lost = last == null ? all.memberOf(id) : last.member();
        if (lost != null) {
            all.listener().onPeerLost(lost);
        }
    }

    /// One attempt to connect.
    private final class Attempt implements FrameClient.Dialled {

        private final ReplicaAddress address;

        Attempt(ReplicaAddress address) {
            this.address = address;
        }

        @Override
        public boolean isWanted() {
            return connection == null && all.isDialling();
        }

        @Override
        public FrameClient.@Nullable Reception onWelcome(
                FrameConnection fresh, Welcome.Accepted welcome) {
            attempt = null;
            Hello.Caller.Peer other = welcome.self();
            String wrong = PeerDoorman.wrongWith(welcome.clusterId(), all, other);
            if (wrong == null && !other.id().equals(id)) {
                wrong = "at the address of replica %s answers replica %s".formatted(id, other.id());
            }
            if (wrong == null) {
                wrong = regression(other);
            }
            if (wrong != null || !all.isDialling()) {
                onRefusal(wrong == null ? "stopping" : wrong);
                return null;
            }
            if (occupied(other, all.isHigher(id)) != null) {
                return null;
            }
            connected(fresh, other, all.isHigher(id));
            return new FrameClient.Reception(PeerLink.this, ConnectionOptions.PEER);
        }

        @Override
        public void onRefused(Welcome.Refused refusal) {
            attempt = null;
            if (refusal.reason() == Welcome.Reason.UNSAFE) {
                all.listener().onUnsafe(id, refusal.sentence());
                return;
            }
            onRefusal(refusal.sentence());
        }

        private void onRefusal(String sentence) {
            if (connection != null) {
                return;
            }
            if (!sentence.equals(loggedRefusal)) {
                loggedRefusal = sentence;
                LOG.warn("replica {} at {} cannot be connected: {}", id, address, sentence);
            }
            lost();
        }

        @Override
        public void onFailed(String why) {
            attempt = null;
            LOG.debug("no connection to replica {} at {}: {}", id, address, why);
            if (connection == null) {
                lost();
            }
        }
    }
}
