package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What is known of the other replicas, members or not: whether they are connected, in which life,
/// which epoch they have shown to be in, and how far those are that follow.
final class PeerTable {

    /// More replicas than this are not remembered; members always are.
    private static final int MOST_PEERS = 256;

    private static final class Peer {
        private Member member;
        private boolean isConnected;
        private long epoch;

        /// How far it said it is, and when; -1 if it never did.
        private long position = -1;

        private long saidNanos;

        Peer(Member member) {
            this.member = member;
        }
    }

    private final CurrentReign current;
    private final TreeMap<ReplicaId, Peer> peers = new TreeMap<>();

    PeerTable(CurrentReign current) {
        this.current = current;
    }

    private @Nullable Peer peer(Member member) {
        Peer known = peers.get(member.id());
        if (known == null) {
            if (peers.size() >= MOST_PEERS
                    && !forgetOne()
                    && !current.members().contains(member.id())) {
                return null;
            }
            known = new Peer(member);
            peers.put(member.id(), known);
        } else if (!known.member.equals(member)) {
            boolean isConnected = known.isConnected;
            known = new Peer(member);
            known.isConnected = isConnected;
            peers.put(member.id(), known);
        }
        return known;
    }

    /// Makes room; false if all are members or connected.
    private boolean forgetOne() {
        for (Peer peer : peers.values()) {
            if (!peer.isConnected && !current.members().contains(peer.member.id())) {
                peers.remove(peer.member.id());
                return true;
            }
        }
        return false;
    }

    void onConnected(Member member) {
        Peer peer = peer(member);
        if (peer != null) {
            peer.isConnected = true;
        }
    }

    void onLost(Member member) {
        Peer peer = peers.get(member.id());
        if (peer != null && peer.member.equals(member)) {
            peer.isConnected = false;
        }
    }

    /// A frame shows in which epoch its sender is.
    void onFrame(Member from, long epoch) {
        Peer peer = peer(from);
        if (peer != null) {
            peer.epoch = Math.max(peer.epoch, epoch);
            // News of a lost connection may be older than the frame.
            peer.isConnected = true;
        }
    }

    /// One that follows says how far it is.
    void onProgress(Now now, Member from, long position) {
        Peer peer = peer(from);
        if (peer != null) {
            peer.position = position;
            peer.saidNanos = now.monotonicNanos();
        }
    }

    boolean isConnected(Member member) {
        Peer peer = peers.get(member.id());
        return peer != null && peer.isConnected && peer.member.equals(member);
    }

    /// True if a later epoch than the present one has begun, as far as others are to be believed
    /// who are connected. What somebody has shown who is gone cannot be had: if others have it,
    /// they
    /// show it too.
    ///
    /// Where so few of the epoch's members are connected and in it that it orders nothing, anybody
    /// is believed: there is nothing to lose.
    ///
    /// @param enough so many members' word is true
    /// @param needed so many members besides this one must be there for anything to be ordered
    boolean isPast(int enough, int needed) {
        long present = current.epoch();
        int further = 0;
        int here = 0;
        boolean isSaid = false;
        for (Peer peer : peers.values()) {
            if (peer.isConnected) {
                boolean isFurther = peer.epoch > present;
                boolean isMember = current.get().isMember(peer.member);
                isSaid |= isFurther;
                further += isFurther && isMember ? 1 : 0;
                here += !isFurther && isMember ? 1 : 0;
            }
        }
        return isSaid && (enough == 1 || further >= enough || here < needed);
    }

    /// True if this replica has shown to be in the epoch, or in a later one.
    boolean hasBegun(Member member, long epoch) {
        Peer peer = peers.get(member.id());
        return peer != null && peer.member.equals(member) && peer.epoch >= epoch;
    }

    /// True if one that follows has a member's number: it is that member in another life.
    boolean hasReturned() {
        for (Member member : current.members().members()) {
            Peer peer = peers.get(member.id());
            if (peer != null
                    && peer.position >= 0
                    && peer.isConnected
                    && !peer.member.equals(member)) {
                return true;
            }
        }
        return false;
    }

    /// Those that follow and are no members, by number.
    List<LearnerStatus> learners(long nowNanos) {
        List<LearnerStatus> learners = new ArrayList<>();
        for (Peer peer : peers.values()) {
            if (peer.position >= 0 && peer.isConnected && !current.get().isMember(peer.member)) {
                long agoNanos = Math.max(0, nowNanos - peer.saidNanos);
                learners.add(new LearnerStatus(peer.member, peer.position, agoNanos));
            }
        }
        return learners;
    }

    /// One that follows and is no member; null if there is none like that.
    @Nullable LearnerStatus learner(long nowNanos, Member member) {
        for (LearnerStatus learner : learners(nowNanos)) {
            if (learner.member().equals(member)) {
                return learner;
            }
        }
        return null;
    }

    /// Who may have what this replica lacks: the other members, and who has shown a later epoch;
    /// for
    /// the only member there is, also who has shown this one, which former members have.
    List<ReplicaId> sources() {
        boolean isAlone = current.members().size() == 1 && current.isMember();
        List<ReplicaId> sources = new ArrayList<>();
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                sources.add(member.id());
            }
        }
        for (Peer peer : peers.values()) {
            ReplicaId id = peer.member.id();
            boolean isFurther =
                    peer.epoch > current.epoch() || (isAlone && peer.epoch == current.epoch());
            if (peer.isConnected && isFurther && !sources.contains(id)) {
                sources.add(id);
            }
        }
        sources.sort(null);
        return sources;
    }

    /// The source after this one, by number and round again; null if there is none.
    @Nullable ReplicaId sourceAfter(ReplicaId last) {
        List<ReplicaId> sources = sources();
        for (ReplicaId source : sources) {
            if (source.compareTo(last) > 0) {
                return source;
            }
        }
        return sources.isEmpty() ? null : sources.getFirst();
    }
}
