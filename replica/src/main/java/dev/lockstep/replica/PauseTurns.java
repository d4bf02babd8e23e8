package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;

/// Lets one member at a time stop executing: whoever has the consent of a majority. Each consents
/// to one at a time, until that one returns it, or has not been heard of for [#CONSENT_NANOS].
///
/// Of two that want it at once the lower number gets it: the other one returns what it has. No
/// safety hangs on it: two that pause at once, after clocks or the network have played a trick, are
/// two that are slow.
final class PauseTurns {

    /// A consent lasts so long after it was last asked for.
    static final long CONSENT_NANOS = 10_000_000_000L;

    /// Who wants a turn, or has one, says so again after this.
    static final long AGAIN_NANOS = 500_000_000L;

    /// Whoever gave way begins again after this.
    static final long GIVE_WAY_NANOS = 1_000_000_000L;

    private final CurrentReign current;
    private final PeerPort peers;

    /// To whom this replica has consented; null if to nobody.
    private @Nullable ReplicaId consentedTo;

    /// When that ends, monotonic.
    private long consentEnds;

    /// True while this replica wants a turn or has one.
    private boolean wanted;

    /// True while it has one.
    private boolean taken;

    /// By member: when its consent ends, as far as this replica knows.
    private final TreeMap<ReplicaId, Long> consents = new TreeMap<>();

    /// When it asks again, monotonic.
    private long againNanos;

    PauseTurns(CurrentReign current, PeerPort peers) {
        this.current = current;
        this.peers = peers;
    }

    /// True if it is this replica's turn, which lasts until [#giveBack]. Otherwise it is asked for.
    boolean take(Now now) {
        if (!current.isMember()) {
            // Nobody needs it to execute.
            return true;
        }
        if (!wanted) {
            wanted = true;
            againNanos = now.monotonicNanos();
        }
        advance(now);
        taken |= hasMajority(now);
        return taken;
    }

    private boolean hasMajority(Now now) {
        int count = 0;
        for (Member member : current.members().members()) {
            Long until = consents.get(member.id());
            count += until != null && until > now.monotonicNanos() ? 1 : 0;
        }
        return count >= current.members().majority();
    }

    /// The turn is over, or not wanted any more.
    void giveBack(Now now) {
        if (wanted) {
            wanted = false;
            taken = false;
            consents.clear();
            if (current.self().equals(consentedTo)) {
                consentedTo = null;
            }
            tellMembers(PauseFrames.Word.RETURNED);
        }
    }

    /// Asks again when it is time.
    void advance(Now now) {
        if (!wanted || now.monotonicNanos() < againNanos) {
            return;
        }
        againNanos = now.monotonicNanos() + AGAIN_NANOS;
        if (consents(now, current.self())) {
            consents.put(current.self(), consentEnds);
            tellMembers(PauseFrames.Word.WANTED);
        }
    }

    private void tellMembers(PauseFrames.Word word) {
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                tell(member.id(), word);
            }
        }
    }

    private void tell(ReplicaId to, PauseFrames.Word word) {
        peers.send(to, PauseFrames.turn(current.epoch(), word), Bytes.EMPTY, 0);
    }

    /// Consents to `to` if nobody else has this replica's consent.
    private boolean consents(Now now, ReplicaId to) {
        boolean isFree = consentedTo == null || consentEnds <= now.monotonicNanos();
        if (!isFree && !to.equals(consentedTo)) {
            return false;
        }
        consentedTo = to;
        consentEnds = now.monotonicNanos() + CONSENT_NANOS;
        return true;
    }

    /// A member said something about a turn.
    void onWord(Now now, Member from, PauseFrames.Word word) {
        switch (word) {
            case WANTED -> onWanted(now, from.id());
            case GIVEN -> {
                if (wanted) {
                    // It was asked for a moment ago; half as long is on the safe side.
                    consents.put(from.id(), now.monotonicNanos() + CONSENT_NANOS / 2);
                }
            }
            case RETURNED -> {
                if (from.id().equals(consentedTo)) {
                    consentedTo = null;
                }
            }
        }
    }

    private void onWanted(Now now, ReplicaId from) {
        boolean givesWay = wanted && !taken && from.compareTo(current.self()) < 0;
        if (givesWay && current.self().equals(consentedTo)) {
            giveBack(now);
            wanted = true;
            againNanos = now.monotonicNanos() + GIVE_WAY_NANOS;
        }
        if (consents(now, from)) {
            tell(from, PauseFrames.Word.GIVEN);
        }
    }

    /// When [#advance] is to be called at the latest, monotonic.
    long nextDeadlineNanos() {
        return wanted ? againNanos : Long.MAX_VALUE;
    }
}
