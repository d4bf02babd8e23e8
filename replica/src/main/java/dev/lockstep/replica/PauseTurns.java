package dev.lockstep.replica;

import dev.lockstep.core.Member;
import dev.lockstep.core.Now;
import dev.lockstep.core.ReplicaId;
import dev.lockstep.core.port.PeerPort;
import dev.lockstep.core.wire.Bytes;
import dev.lockstep.replica.PauseFrames.Turn;
import dev.lockstep.replica.PauseFrames.Word;

import org.jspecify.annotations.Nullable;

import java.util.TreeMap;
import java.util.TreeSet;

/// Lets one member at a time stop executing: whoever has the consent of a majority. Each consents
/// to one at a time, until that one returns it, or has not been heard of for [#CONSENT_NANOS].
///
/// A process that starts does not know to whom the one before it had consented, nor a member of a
/// new epoch what was agreed without it: such a one is unsure, and consents to nobody but who says
/// to have a turn, until every member has answered that it has none, or the consents of before have
/// ended. Only an answer to its own question counts: what was said unasked may be from before.
///
/// Frames may overtake each other: each has a number that grows, so that what was said before does
/// not undo what was said since. The number ends with the process start that it is of, since clocks
/// begin anew with a machine: what a process was given is not given to the next one.
///
/// Of two that want it at once the lower number gets it: the other one returns what it has. Who is
/// not heard of by a majority for as long as a consent lasts may find that another has its turn
/// too: such a one is slow in any case.
final class PauseTurns {

    /// A consent lasts so long after it was last asked for.
    static final long CONSENT_NANOS = 10_000_000_000L;

    /// Whoever has a consent counts on it for so long: half, since clocks differ.
    private static final long COUNTED_NANOS = CONSENT_NANOS / 2;

    /// Who wants a turn, has one, or is unsure, says so again after this.
    static final long AGAIN_NANOS = 500_000_000L;

    /// Whoever gave way begins again after this.
    static final long GIVE_WAY_NANOS = 1_000_000_000L;

    /// Process starts that a number tells from each other.
    private static final long STARTS = 256;

    private final CurrentReign current;
    private final int boot;
    private final PeerPort peers;
    private final ReplicaRules rules;

    /// To whom this replica has consented; null if to nobody.
    private @Nullable ReplicaId consentedTo;

    /// The number of the question to which it consented last.
    private long consentedNumber;

    /// When that ends, monotonic.
    private long consentEnds;

    /// This replica is unsure at most until then, monotonic.
    private long unsureUntil = Long.MIN_VALUE;

    /// While it is unsure: who has answered that it has no turn.
    private final TreeSet<ReplicaId> heard = new TreeSet<>();

    /// Answers to an unsure one's questions with a greater number count.
    private long unsureFrom;

    /// When it may ask them again, monotonic.
    private long unsureAgainNanos = Long.MIN_VALUE;

    /// Whose question could not be answered while it was unsure, and its number; null if nobody's.
    private @Nullable ReplicaId asker;

    private long askedNumber;

    /// True while this replica wants a turn or has one.
    private boolean wanted;

    /// Answers to questions with this number or a greater one count.
    private long wantedFrom;

    /// The number of the last frame: its time, monotonic, or a little more.
    private long lastNumber;

    /// True while it has one.
    private boolean taken;

    /// By member: until when its consent is counted on.
    private final TreeMap<ReplicaId, Long> consents = new TreeMap<>();

    /// When it asks again, monotonic.
    private long againNanos;

    /// @param boot the process start
    PauseTurns(CurrentReign current, int boot, PeerPort peers, ReplicaRules rules) {
        this.current = current;
        this.boot = boot;
        this.peers = peers;
        this.rules = rules;
    }

    /// The process has started, or another epoch has begun.
    void onEpoch(Now now) {
        unsureUntil = now.monotonicNanos() + CONSENT_NANOS;
        unsureAgainNanos = now.monotonicNanos();
        unsureFrom = number(now);
        heard.clear();
        asker = null;
    }

    /// There is a new connection to another replica, perhaps to another process, which has
    /// consented to nobody.
    void onConnected(ReplicaId peer) {
        if (!taken) {
            consents.remove(peer);
        }
    }

    /// True if it is this replica's turn, which lasts until [#giveBack]. Otherwise it is asked for.
    boolean take(Now now) {
        if (!current.isMember() || !rules.waitsForItsTurn()) {
            // Nobody needs it to execute.
            return true;
        }
        if (!wanted) {
            want(now);
            againNanos = now.monotonicNanos();
        }
        advance(now);
        taken |= hasMajority(now);
        return taken;
    }

    /// What was given in answer to questions of before counts no more.
    private void want(Now now) {
        wanted = true;
        wantedFrom = number(now);
        consents.clear();
    }

    private long number(Now now) {
        long next = Math.max(lastNumber + STARTS, now.monotonicNanos());
        lastNumber = next - startOf(next) + startOf(boot);
        return lastNumber;
    }

    private static long startOf(long number) {
        return Math.floorMod(number, STARTS);
    }

    /// True if a number is of a later process than another of the same replica.
    private static boolean isOfLaterStart(long number, long other) {
        long later = Math.floorMod(startOf(number) - startOf(other), STARTS);
        return later > 0 && later < STARTS / 2;
    }

    /// True if a replica said the one after the other.
    private static boolean isAfter(long number, long other) {
        return isOfLaterStart(number, other) || (number > other && !isOfLaterStart(other, number));
    }

    private boolean isOwn(long number) {
        return startOf(number) == startOf(boot) && number <= lastNumber;
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
            tellMembers(new Turn(Word.RETURNED, number(now)));
        }
    }

    /// Asks again when it is time.
    void advance(Now now) {
        if (!wanted || now.monotonicNanos() < againNanos) {
            return;
        }
        againNanos = now.monotonicNanos() + AGAIN_NANOS;
        long number = number(now);
        if (consents(now, current.self(), number, taken)) {
            consents.put(current.self(), now.monotonicNanos() + COUNTED_NANOS);
            tellMembers(new Turn(taken ? Word.HELD : Word.WANTED, number));
        }
    }

    private void tellMembers(Turn turn) {
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self())) {
                tell(member.id(), turn);
            }
        }
    }

    private void tell(ReplicaId to, Turn turn) {
        peers.send(to, PauseFrames.turn(current.epoch(), turn), Bytes.EMPTY, 0);
    }

    /// Consents to `to` if nobody else has this replica's consent.
    private boolean consents(Now now, ReplicaId to, long number, boolean hasTurn) {
        boolean isFree = consentedTo == null || consentEnds <= now.monotonicNanos();
        boolean renews = !isFree && to.equals(consentedTo);
        if (!renews && !(isFree && (hasTurn || isSure(now)))) {
            return false;
        }
        if (renews && isOfLaterStart(consentedNumber, number)) {
            return false;
        }
        consentedNumber =
                renews && !isOfLaterStart(number, consentedNumber)
                        ? Math.max(consentedNumber, number)
                        : number;
        consentedTo = to;
        consentEnds = now.monotonicNanos() + CONSENT_NANOS;
        return true;
    }

    private boolean isSure(Now now) {
        if (unsureUntil <= now.monotonicNanos()) {
            return true;
        }
        for (Member member : current.members().members()) {
            if (!member.id().equals(current.self()) && !heard.contains(member.id())) {
                if (now.monotonicNanos() >= unsureAgainNanos) {
                    unsureAgainNanos = now.monotonicNanos() + AGAIN_NANOS;
                    tellMembers(new Turn(Word.UNSURE, number(now)));
                }
                return false;
            }
        }
        unsureUntil = Long.MIN_VALUE;
        return true;
    }

    /// A member said something about a turn.
    ///
    /// @param epoch in which it is
    void onWord(Now now, ReplicaId from, long epoch, Turn turn) {
        switch (turn.word()) {
            case WANTED -> onWanted(now, from, turn.number());
            case HELD -> giveIfFree(now, from, turn.number(), true);
            case GIVEN -> {
                if (wanted && turn.number() >= wantedFrom && isOwn(turn.number())) {
                    consents.put(from, turn.number() + COUNTED_NANOS);
                }
            }
            case RETURNED -> {
                asker = from.equals(asker) ? null : asker;
                if (from.equals(consentedTo) && isAfter(turn.number(), consentedNumber)) {
                    consentedTo = null;
                }
            }
            case UNSURE -> onUnsure(now, from, turn.number());
            case NONE -> {
                if (epoch >= current.epoch()
                        && turn.number() > unsureFrom
                        && isOwn(turn.number())) {
                    hear(now, from);
                }
            }
        }
    }

    private void onUnsure(Now now, ReplicaId from, long number) {
        if (taken) {
            tell(from, new Turn(Word.HELD, number(now)));
            return;
        }
        if (wanted) {
            askAnew(now);
        }
        tell(from, new Turn(Word.NONE, number));
    }

    /// What an unsure member gave before is given no more.
    private void askAnew(Now now) {
        boolean hasAsked = consents.containsKey(current.self());
        want(now);
        if (hasAsked) {
            againNanos = now.monotonicNanos();
        }
    }

    private void hear(Now now, ReplicaId from) {
        if (heard.add(from) && unsureUntil > now.monotonicNanos() && isSure(now)) {
            againNanos = Math.min(againNanos, now.monotonicNanos());
            ReplicaId first = asker;
            if (first != null) {
                onWanted(now, first, askedNumber);
            }
        }
    }

    private void onWanted(Now now, ReplicaId from, long number) {
        boolean givesWay = wanted && !taken && from.compareTo(current.self()) < 0;
        if (givesWay && current.self().equals(consentedTo)) {
            giveBack(now);
            want(now);
            againNanos = now.monotonicNanos() + GIVE_WAY_NANOS;
        }
        giveIfFree(now, from, number, false);
    }

    private void giveIfFree(Now now, ReplicaId to, long number, boolean hasTurn) {
        if (consents(now, to, number, hasTurn)) {
            tell(to, new Turn(Word.GIVEN, number));
        } else if (unsureUntil > now.monotonicNanos() && (asker == null || asker.equals(to))) {
            asker = to;
            askedNumber = number;
        }
    }

    /// When [#advance] is to be called at the latest, monotonic.
    long nextDeadlineNanos() {
        return wanted ? againNanos : Long.MAX_VALUE;
    }
}
