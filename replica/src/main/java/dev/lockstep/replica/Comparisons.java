package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.DigestComparison.Finding;
import dev.lockstep.replica.DigestComparison.Subject;

import org.jspecify.annotations.Nullable;

/// Tells the other members what this replica's replies and states are, hears theirs, and says whose
/// differ from the majority's.
final class Comparisons {

    /// What follows for this replica.
    interface Target {
        /// The majority differs from it.
        void onOutvoted(Now now, String reason);

        /// Clients were given different replies, and nobody knows which are right.
        void onUndecided(String reason);
    }

    private final CurrentReign current;
    private final PeerPort peers;
    private final ReplicaListener listener;
    private final DifferenceSearch search;
    private final Jury jury;
    private final Target target;
    private DigestComparison chains;
    private DigestComparison states;

    /// The last position at which the reply chain was compared, and the chain there.
    private long chainPosition;

    private long chainDigest;

    /// The last state that was digested here; null before the first.
    private StateFrames.@Nullable State state;

    /// Why this replica is outvoted; null while it is not.
    private @Nullable String reason;

    Comparisons(
            CurrentReign current,
            PeerPort peers,
            ReplicaListener listener,
            DifferenceSearch search,
            Jury jury,
            Target target) {
        this.jury = jury;
        this.current = current;
        this.peers = peers;
        this.listener = listener;
        this.search = search;
        this.target = target;
        chains = of(Subject.CHAIN);
        states = of(Subject.STATE);
    }

    private DigestComparison of(Subject subject) {
        int enough = jury.enoughOf(current.members());
        return new DigestComparison(subject, current.members(), current.rank(), enough);
    }

    /// The last position at which the reply chain was compared; 0 before the first.
    long chainPosition() {
        return chainPosition;
    }

    /// The reply chain there.
    long chainDigest() {
        return chainDigest;
    }

    /// An epoch has begun: its members are compared.
    void onBegun() {
        chains = of(Subject.CHAIN);
        states = of(Subject.STATE);
    }

    /// A position was executed.
    ///
    /// @param isTold false while records are replayed, which the others have heard of
    void onExecuted(Now now, long position, long chain, boolean isTold) {
        if (position % DigestComparison.CHAIN_INTERVAL != 0) {
            return;
        }
        chainPosition = position;
        chainDigest = chain;
        if (isTold) {
            tellAll(PeerFrames.chain(current.epoch(), position, chain));
        }
        act(now, Subject.CHAIN, chains.onOwn(now.monotonicNanos(), position, chain));
    }

    /// The whole state after a position was digested here.
    void onState(Now now, StateDigest digest) {
        StateFrames.State own = new StateFrames.State(digest.position(), digest.whole());
        if (state == null || own.position() > state.position()) {
            state = own;
        }
        tellAll(StateFrames.state(current.epoch(), own));
        act(now, Subject.STATE, states.onOwn(now.monotonicNanos(), own.position(), own.digest()));
    }

    private void tellAll(Bytes frame) {
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                peers.send(member.id(), frame, Bytes.EMPTY, 0);
            }
        }
    }

    /// A member is connected, and may have missed the last words.
    void onConnected(ReplicaId peer) {
        chains.onConnected(peer);
        states.onConnected(peer);
        if (chainPosition != 0) {
            Bytes frame = PeerFrames.chain(current.epoch(), chainPosition, chainDigest);
            peers.send(peer, frame, Bytes.EMPTY, 0);
        }
        if (state != null) {
            peers.send(peer, StateFrames.state(current.epoch(), state), Bytes.EMPTY, 0);
        }
    }

    void onChain(Now now, ReplicaId from, PeerFrames.Chain theirs) {
        act(
                now,
                Subject.CHAIN,
                chains.onPeer(now.monotonicNanos(), from, theirs.position(), theirs.digest()));
    }

    void onState(Now now, ReplicaId from, StateFrames.State theirs) {
        act(
                now,
                Subject.STATE,
                states.onPeer(now.monotonicNanos(), from, theirs.position(), theirs.digest()));
    }

    /// What has waited for other members to be heard has waited long enough.
    void advance(Now now) {
        act(now, Subject.CHAIN, chains.onTime(now.monotonicNanos()));
        act(now, Subject.STATE, states.onTime(now.monotonicNanos()));
    }

    /// When [#advance] is to be called at the latest, monotonic.
    long nextDeadlineNanos() {
        return Math.min(chains.deadlineNanos(), states.deadlineNanos());
    }

    private void act(Now now, Subject subject, Finding finding) {
        switch (finding) {
            case Finding.Nothing _ -> {}
            case Finding.PeerDiverged diverged ->
                    listener.onPeerDiverged(
                            diverged.peer(),
                            subject == Subject.STATE,
                            diverged.afterPosition(),
                            diverged.throughPosition());
            case Finding.Outvoted outvoted -> {
                if (reason == null) {
                    reason = outvoted.sentence();
                    target.onOutvoted(now, reason);
                    search.begin(outvoted.peer(), outvoted.agreedThrough(), outvoted.position());
                }
            }
            case Finding.Undecided undecided -> {
                if (subject == Subject.CHAIN && jury.isTieFatal()) {
                    target.onUndecided(undecided.sentence());
                } else {
                    // No client was told anything wrong yet, or one that counts replies does not
                    // believe it: whoever is right goes on until a third member is heard, or a
                    // reply shows it.
                    listener.onStatesDiffer(undecided.sentence());
                }
            }
        }
    }
}
